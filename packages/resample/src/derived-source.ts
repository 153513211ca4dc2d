import { LakeError, ROW_SOURCES, type WordColumn, wordValues } from '@lake/core'
import type { Table } from 'apache-arrow'
import { type Buckets, highestIn } from './buckets.ts'

/**
 * How derived each row is: the place of its `source` among archive, rest, ws, filled.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when a row has another source or none.
 */
export function sourceRanks(table: Table): Float64Array {
  const { codes, words } = wordValues(table, 'source')
  const rankOf = words.map((word) => ROW_SOURCES.findIndex((source) => source === word))
  const ranks = new Float64Array(codes.length)
  for (let row = 0; row < codes.length; row++) ranks[row] = rankOf[codes[row] ?? -1] ?? -1
  const wrong = ranks.indexOf(-1)
  if (wrong >= 0) throw unknownSource(table, wrong)
  return ranks
}

/** The `source` of each bucket: the most derived of its rows. */
export function derivedSource(ranks: Float64Array, buckets: Buckets): WordColumn {
  const sources = highestIn(buckets, ranks)
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
