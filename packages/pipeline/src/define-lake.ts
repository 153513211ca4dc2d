import { availableParallelism, tmpdir } from 'node:os'
import { type DatasetId, type ExchangeAdapter, LakeError, type ObjectStore } from '@lake/core'
import { listExchanges } from '@lake/exchanges'
import { type Ledger, openLedger } from '@lake/ledger'
import type { Contract } from '@lake/quality'
import { openStore } from '@lake/storage'
import type { LakeDecimals } from './decimal-kinds.ts'
import type { Scratch } from './day-spill.ts'
import { checkedContracts, contractOf, type LakeContract } from './lake-contract.ts'
import type { LakePolicy } from './lake-policy.ts'
import type { VenueConfig } from './venues.ts'

/** One line in a thousand. */
const QUARANTINE_LIMIT = 0.001

const SCRATCH_BYTES = 256 * 2 ** 20

export interface LakeConfig {
  /** Where the lake lies: `file:./lake-data`, a path, `memory:`, or a store of your own. */
  readonly lake: string | ObjectStore
  /** The venues it knows; those of `@lake/exchanges` when absent. */
  readonly exchanges?: readonly ExchangeAdapter[] | undefined
  /** How the venues are reached: other addresses, keys, budgets. */
  readonly venues?: VenueConfig | undefined
  /** Who is believed where sources differ; as each partition was merged before when absent, at first `archive-first`. */
  readonly policy?: LakePolicy | undefined
  /** Worker threads that parse and write; one a core when absent, 0 for none. */
  readonly threads?: number | undefined
  /** How prices, sizes and rates stand in silver: as each dataset has them when absent, float64 in a new one. */
  readonly decimals?: LakeDecimals | undefined
  /**
   * The largest share of a new file's lines that may be put aside as bad, from 0 to 1; past it the file is refused.
   * 0.001 when absent, none for 0.
   */
  readonly quarantineLimit?: number | undefined
  /** Where rows wait that memory has no room for; the system's temporary folder beyond 256 MB when absent. */
  readonly scratch?: Partial<Scratch> | undefined
  /** What rows must be besides what every lake asks of them; see `defineContract` of `@lake/quality`. */
  readonly contracts?: readonly LakeContract[] | undefined
  /** The clock, epoch microseconds UTC; the machine's when absent. */
  readonly now?: (() => number) | undefined
}

/** A lake: where it lies and what it knows. Holds no state of its own. */
export interface Lake {
  readonly store: ObjectStore
  readonly ledger: Ledger
  readonly venues: VenueConfig
  readonly policy: LakePolicy | undefined
  readonly threads: number
  readonly scratch: Scratch
  readonly decimals: LakeDecimals | undefined
  readonly quarantineLimit: number
  readonly now: () => number
  /** @throws {@link LakeError} `BAD_REQUEST` when the lake does not know the venue. */
  readonly exchange: (id: string) => ExchangeAdapter
  /** What the rows of a dataset must be; throws as `exchange`. */
  readonly contract: (dataset: DatasetId) => Contract
}

/**
 * The lake that a configuration describes. Touches nothing.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when `lake` is no URL of a known kind, the limit no share, or a contract
 * malformed.
 *
 * @example
 * const lake = defineLake({ lake: 'file:./lake-data' })
 */
export function defineLake(config: LakeConfig): Lake {
  const {
    lake,
    exchanges = listExchanges(),
    venues = {},
    policy,
    threads = availableParallelism(),
    scratch,
    decimals,
    quarantineLimit = QUARANTINE_LIMIT,
    contracts = [],
    now = systemClock,
  } = config
  if (!(quarantineLimit >= 0 && quarantineLimit <= 1)) {
    throw new LakeError('BAD_REQUEST', `The limit of a quarantine is a share from 0 to 1, not ${quarantineLimit}.`, {
      details: { value: quarantineLimit },
    })
  }
  const store = typeof lake === 'string' ? openStore(lake) : lake
  const adapters = new Map(exchanges.map((adapter) => [adapter.id, adapter]))
  const added = checkedContracts(contracts)
  const exchange = (id: string): ExchangeAdapter => {
    const adapter = adapters.get(id)
    if (adapter !== undefined) return adapter
    const known = [...adapters.keys()].join(' ')
    throw new LakeError('BAD_REQUEST', `There is no exchange '${id}'. This lake knows: ${known}.`, {
      details: { value: id },
    })
  }
  return {
    store,
    ledger: openLedger(store, { now }),
    venues,
    policy,
    threads,
    scratch: { folder: scratch?.folder ?? tmpdir(), memoryBytes: scratch?.memoryBytes ?? SCRATCH_BYTES },
    decimals,
    quarantineLimit,
    now,
    exchange,
    contract: (dataset) => contractOf(added, { dataset, adapter: exchange(dataset.exchange) }),
  }
}

function systemClock(): number {
  return Date.now() * 1000
}
