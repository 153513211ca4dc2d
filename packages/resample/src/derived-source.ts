import { LakeError, ROW_SOURCES, type WordColumn, wordValues } from '@lake/core'
import type { Table } from 'apache-arrow'
import { type Buckets, highest, reduceBuckets } from './buckets.ts'

/**
 * The `source` of each bucket: the most derived of its rows, in the order archive, rest, ws, filled.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when a row has another source or none.
 */
export function derivedSource(table: Table, buckets: Buckets): WordColumn {
  const { codes, words } = wordValues(table, 'source')
  const rankOf = words.map((word) => ROW_SOURCES.findIndex((source) => source === word))
  const ranks = new Float64Array(codes.map((code) => rankOf[code] ?? -1))
  const wrong = ranks.indexOf(-1)
  if (wrong >= 0) throw unknownSource(table, wrong)
  const sources = reduceBuckets(buckets, (from, to) => highest(ranks, from, to))
  const used = [...ROW_SOURCES.entries()].filter(([rank]) => sources.includes(rank))
  const usedRanks = used.map(([rank]) => rank)
  return {
    codes: new Int32Array(sources.map((rank) => usedRanks.indexOf(rank))),
    words: used.map(([, source]) => source),
  }
}

function unknownSource(table: Table, row: number): LakeError {
  const value: unknown = table.getChild('source')?.get(row)
  return new LakeError(
    'BAD_REQUEST',
    `Row ${row} has the source ${String(value)}; it must be one of ${ROW_SOURCES.join(' ')}.`,
    { details: { row, column: 'source', value } },
  )
}
