import {
  type DatasetId,
  type DataType,
  DAY_MICROS,
  type Gap,
  gridOf,
  integerValues,
  intervalMicros,
  isTableOf,
  type LakeTable,
  type TimeRange,
} from '@lake/core'
import {
  findFundingGaps,
  findGaps,
  findIdGaps,
  findSilences,
  type IdGap,
  measureBars,
  type NoTrades,
} from '@lake/quality'

/** What is missing from a partition. */
export interface SilverGaps {
  /** Stretches of missing rows; absent where rows have no grid in time. */
  readonly gaps?: readonly Gap[] | undefined
  /** How many ids lie between the first and the last and are not there; 0 for tables without running ids. */
  readonly missingIds: number
  /** Bars that the venue leaves out because nothing was traded, and the stretches that they make up; absent elsewhere. */
  readonly noTrades?: Pick<NoTrades, 'bars' | 'stretches'> | undefined
}

/** What is missing from a silver partition, within what its inputs claim to cover. */
export function findSilverGaps(
  { omitsEmptyBars, sparseIds }: { readonly omitsEmptyBars: boolean; readonly sparseIds: boolean },
  dataset: DatasetId,
  table: LakeTable<DataType>,
  range: TimeRange,
): SilverGaps {
  const interval = gridOf(dataset)
  if (interval !== undefined) {
    const times = integerValues(table, 'ts_event')
    if (!omitsEmptyBars) return { gaps: findGaps(times, { interval, range }), missingIds: 0 }
    // Of a day and more nobody can tell whether it was quiet or its file is not there.
    const longestSilence = DAY_MICROS / (intervalMicros(interval) ?? DAY_MICROS)
    return { missingIds: 0, noTrades: measureBars(times, { interval, range, omitsEmptyBars, longestSilence }).noTrades }
  }
  if (isTableOf(table, 'fundingRate')) return { gaps: findFundingGaps(table, { range }), missingIds: 0 }
  if (sparseIds) return { missingIds: 0 }
  if (isTableOf(table, 'trades')) return { missingIds: countIds(findIdGaps(table, { idColumn: 'trade_id' })) }
  if (isTableOf(table, 'aggTrades')) return { missingIds: countIds(findIdGaps(table, { idColumn: 'agg_trade_id' })) }
  return isTableOf(table, 'bookDepth') || isTableOf(table, 'bvolIndex')
    ? { gaps: silencesOf(table, range), missingIds: 0 }
    : { missingIds: 0 }
}

/** Where snapshots stop coming at the pace that most of them have; nothing is said where there are not two. */
function silencesOf(table: LakeTable<DataType>, range: TimeRange): Gap[] | undefined {
  const times = integerValues(table, 'ts_event')
  return times[0] === times.at(-1) ? undefined : findSilences(times, { range })
}

function countIds(gaps: readonly IdGap[]): number {
  return gaps.reduce((sum, { missing }) => sum + Number(missing), 0)
}
