import { canonicalJson, type DatasetId, type DataType, LakeError, type PageFormat, type SourceFormat } from '@lake/core'
import { sha256Of } from '@lake/ledger'
import { type Contract, contractFor, defineContract } from '@lake/quality'
import type { DatasetScope } from './dataset-scope.ts'

/** A contract of a lake's own: its checks come on top of those that the data type has anyway. */
export interface LakeContract extends Contract {
  /** The datasets that it is for: those with all of these; all of the data type when absent. */
  readonly where?: Partial<Pick<DatasetId, 'exchange' | 'market' | 'symbol' | 'interval'>> | undefined
  /**
   * How far the close of a mark price may lie from the last price and from the index at the same time, relative: 0.01
   * is 1 %. Of `markPriceKlines` only. Of several contracts that say one the last counts; 0.05 where none does, for the
   * reason that `contractFor` of `@lake/quality` tells.
   */
  readonly crossCheckLimit?: number | undefined
}

/** What the rows of a dataset must be: the contract of its data type and those that the lake adds. */
export function contractOf(
  added: readonly LakeContract[],
  { adapter, dataset }: Pick<DatasetScope, 'adapter' | 'dataset'>,
): Contract {
  const { dataType, interval } = dataset
  const more = added.filter((contract) => contract.dataType === dataType && isFor(contract, dataset))
  const own = contractFor(dataType, {
    interval,
    contractSize: adapter.contractSize?.(dataset),
    countsContracts: countsContracts({ adapter, dataset }),
    unorderedIds: hasUuids({ adapter, dataset }),
    crossCheckLimit: more.findLast(({ crossCheckLimit }) => crossCheckLimit !== undefined)?.crossCheckLimit,
  })
  return { dataType, checks: [...own.checks, ...more.flatMap(({ checks }) => checks)] }
}

/**
 * Checks the contracts of a configuration.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when one is malformed.
 */
export function checkedContracts(contracts: readonly LakeContract[]): readonly LakeContract[] {
  for (const { where: _, crossCheckLimit, ...contract } of contracts) {
    defineContract(contract)
    if (crossCheckLimit !== undefined) checkLimit(contract.dataType, crossCheckLimit)
  }
  return contracts
}

function checkLimit(dataType: DataType, limit: number): void {
  const isLimit = dataType === 'markPriceKlines' && Number.isFinite(limit) && limit > 0
  if (isLimit) return
  throw new LakeError(
    'BAD_REQUEST',
    `The contract of ${dataType} has the crossCheckLimit ${limit}: it must be above zero (0.05 is 5 %), and only markPriceKlines have one. Nothing was touched. Compare others by a check 'near'.`,
    { details: { dataType, value: limit } },
  )
}

/**
 * The identity of a contract, for fingerprints: partitions are checked again when it changes. Of a function it is the
 * name and the text, not what the text refers to.
 */
export function contractIdentity({ checks }: Contract): string {
  const plain = checks.map((check) => (check.check === 'custom' ? { ...check, test: String(check.test) } : check))
  return sha256Of(canonicalJson(plain)).slice(0, 16)
}

/** True when a contract has functions, which no thread border lets through. */
export function hasFunctions({ checks }: Contract): boolean {
  return checks.some(({ check }) => check === 'custom')
}

function isFor({ where = {} }: LakeContract, dataset: DatasetId): boolean {
  const { exchange = dataset.exchange, market = dataset.market, symbol = dataset.symbol, interval } = where
  const isPlace = exchange === dataset.exchange && market === dataset.market && symbol === dataset.symbol
  return isPlace && (interval === undefined || interval === dataset.interval)
}

type Described = Pick<DatasetScope, 'adapter' | 'dataset'>

/** Coin-margined volumes count contracts everywhere; elsewhere the formats of a venue say so. */
function countsContracts({ adapter, dataset }: Described): boolean {
  if (dataset.market === 'cm') return true
  return formatsOf({ adapter, dataset }).some(({ units = {} }) => Object.values(units).includes('contracts'))
}

/** Ids that are made of UUIDs, in any of the formats. */
function hasUuids(described: Described): boolean {
  return formatsOf(described).some(({ columns }) => columns.some(({ kind }) => kind === 'uuid'))
}

/** How archive and REST describe the rows of a dataset. */
function formatsOf({ adapter, dataset: { dataType, market } }: Described): readonly (SourceFormat | PageFormat)[] {
  const all = [...(adapter.formats ?? []), ...(adapter.rest?.series.map(({ format }) => format) ?? [])]
  return all.filter(({ dataType: of, markets }) => of === dataType && markets.includes(market))
}
