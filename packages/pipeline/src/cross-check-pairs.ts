import {
  canonicalJson,
  crossCheckKey,
  DATA_TYPES,
  type DatasetId,
  type DataType,
  isBarType,
  manifestPrefix,
  silverDataset,
  silverSeries,
} from '@lake/core'
import { type ManifestFile, type ManifestReader, sha256Of } from '@lake/ledger'
import type { Check } from '@lake/quality'
import type { Lake } from './define-lake.ts'
import { silverFiles } from './silver-files.ts'

/** A check of rows against those of another data type at the same times. */
type NearCheck = Extract<Check, { readonly check: 'near' }>

/** Two partitions of the same time that are to be compared. */
export interface CrossCheckPair {
  readonly dataset: DatasetId
  readonly own: ManifestFile
  readonly referenceDataset: DatasetId
  readonly reference: ManifestFile
  readonly check: NearCheck
  /** Where the report on it lies, or will. */
  readonly key: string
}

/** The datasets that a lake holds whose contracts compare them with `dataset`, and itself where its own does so. */
export async function crossCheckedWith(
  lake: Lake,
  reader: ManifestReader,
  dataset: DatasetId,
): Promise<readonly DatasetId[]> {
  const found: DatasetId[] = []
  for (const dataType of DATA_TYPES) {
    const interval = isBarType(dataType) ? dataset.interval : undefined
    const own = { ...dataset, dataType, interval }
    if (dataType !== dataset.dataType && !nearChecks(lake, own).some(isAbout(dataset.dataType))) continue
    if (nearChecks(lake, own).length === 0) continue
    const market = manifestPrefix({ ...silverSeries(own), symbol: '', interval: undefined }).replace(/\/+$/, '/')
    const names = new Set<string>()
    for (const { series } of await reader.entries(market)) {
      const isSame = series.symbol === dataset.symbol || pairOf(series.symbol) === dataset.symbol
      if (isSame && series.interval === interval) names.add(series.symbol)
    }
    for (const symbol of names) {
      const held = silverDataset(silverSeries({ ...own, symbol }))
      if (held !== undefined) found.push(held)
    }
  }
  return found
}

/** The partitions of a dataset that its contract compares with others that the lake holds, in order of time. */
export async function crossCheckPairs(
  lake: Lake,
  reader: ManifestReader,
  dataset: DatasetId,
): Promise<readonly CrossCheckPair[]> {
  const checks = nearChecks(lake, dataset)
  if (checks.length === 0) return []
  const files = await silverFiles(reader, dataset)
  const pairs: CrossCheckPair[] = []
  for (const check of checks) {
    const dataType = DATA_TYPES.find((one) => one === check.reference)
    if (dataType === undefined) continue
    const interval = isBarType(dataType) ? dataset.interval : undefined
    // An index is called by its pair, without what tells the contract.
    for (const symbol of new Set([dataset.symbol, pairOf(dataset.symbol)])) {
      const referenceDataset = { ...dataset, dataType, symbol, interval }
      const references = new Map((await silverFiles(reader, referenceDataset)).map((file) => [file.label, file]))
      for (const own of files) {
        const reference = references.get(own.label)
        if (reference === undefined || own.rows === 0 || reference.rows === 0) continue
        pairs.push({ dataset, own, referenceDataset, reference, check, key: keyOf(dataset, own, reference, check) })
      }
    }
  }
  return pairs
}

function nearChecks(lake: Lake, dataset: DatasetId): NearCheck[] {
  return lake.contract(dataset).checks.filter((check) => check.check === 'near')
}

function isAbout(dataType: DataType): (check: NearCheck) => boolean {
  return ({ reference }) => reference === dataType
}

function keyOf(dataset: DatasetId, own: ManifestFile, reference: ManifestFile, check: NearCheck): string {
  return crossCheckKey({
    series: silverSeries(dataset),
    label: own.label,
    own: own.sha256,
    reference: reference.sha256,
    check: sha256Of(canonicalJson(check)),
  })
}

/** `BTCUSD` of `BTCUSD_PERP` and `BTCUSD_260925`. */
function pairOf(symbol: string): string {
  return symbol.split('_', 1)[0] ?? symbol
}
