import { type DatasetId, type DataType, type Gap, isTableOf, type LakeTable, type TimeRange } from '@lake/core'
import { findFundingGaps, findGaps, findIdGaps, type IdGap } from '@lake/quality'

/** What is missing from a partition. */
export interface SilverGaps {
  /** Stretches of missing rows; absent where rows have no grid in time. */
  readonly gaps?: readonly Gap[] | undefined
  /** How many ids lie between the first and the last and are not there; 0 for tables without running ids. */
  readonly missingIds: number
}

/** What is missing from a silver partition, within what its inputs claim to cover. */
export function findSilverGaps(
  { omitsEmptyBars, sparseIds }: { readonly omitsEmptyBars: boolean; readonly sparseIds: boolean },
  { interval }: DatasetId,
  table: LakeTable<DataType>,
  range: TimeRange,
): SilverGaps {
  if (interval !== undefined) {
    const isBars = isTableOf(table, 'klines') && !omitsEmptyBars
    return isBars ? { gaps: findGaps(table, { interval, range }), missingIds: 0 } : { missingIds: 0 }
  }
  if (isTableOf(table, 'fundingRate')) return { gaps: findFundingGaps(table, { range }), missingIds: 0 }
  if (sparseIds) return { missingIds: 0 }
  if (isTableOf(table, 'trades')) return { missingIds: countIds(findIdGaps(table, { idColumn: 'trade_id' })) }
  if (isTableOf(table, 'aggTrades')) return { missingIds: countIds(findIdGaps(table, { idColumn: 'agg_trade_id' })) }
  return { missingIds: 0 }
}

function countIds(gaps: readonly IdGap[]): number {
  return gaps.reduce((sum, { missing }) => sum + Number(missing), 0)
}
