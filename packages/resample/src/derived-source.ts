import { LakeError, ROW_SOURCES, wordValues } from '@lake/core'
import type { Table } from 'apache-arrow'
import type { WordColumn } from '@lake/core'
import { type Buckets, reduceBuckets } from './buckets.ts'

/**
 * The `source` of each bucket: the most derived of its rows, in the order archive, rest, ws, filled.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when a row has another source or none.
 */
export function derivedSource(table: Table, buckets: Buckets): WordColumn {
  const { codes, words } = wordValues(table, 'source')
  const ranks = Int32Array.from(words, (word) => ROW_SOURCES.findIndex((source) => source === word))
  const sources = reduceBuckets(buckets, (from, to) => {
    let most = 0
    for (let row = from; row < to; row++) {
      const rank = ranks[codes[row] ?? -1] ?? -1
      if (rank < 0) throw unknownSource(row, words[codes[row] ?? -1])
      if (rank > most) most = rank
    }
    return most
  })
  const used = ROW_SOURCES.filter((_, rank) => sources.includes(rank))
  const codeOf = Int32Array.from(ROW_SOURCES, (source) => used.indexOf(source))
  return { codes: Int32Array.from(sources, (rank) => codeOf[rank] ?? 0), words: used }
}

function unknownSource(row: number, word: string | undefined): LakeError {
  return new LakeError(
    'BAD_REQUEST',
    `Row ${row} has the source ${word ?? 'null'}; it must be one of ${ROW_SOURCES.join(' ')}.`,
    { details: { row, column: 'source', value: word ?? null } },
  )
}
