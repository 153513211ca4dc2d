import { LakeError, ROW_SOURCES, type RowSource, wordValues } from '@lake/core'
import type { Schema, Table, TypeMap } from 'apache-arrow'
import { buildTable } from './build-table.ts'
import { concatColumn } from './concat-column.ts'
import type { MergeOrigin, MergeSource } from './merge-source.ts'
import type { RowKeys } from './row-keys.ts'
import { codeAt, integerAt, rowAt } from './value-at.ts'

/** A part of an input: rows of one source with their keys. */
export interface MergePart extends MergeSource, RowKeys {
  readonly table: Table
}

/** An input with the keys of its rows. */
export interface KeyedOrigin extends MergeOrigin, RowKeys {
  readonly table: Table
}

/**
 * The rows of an input by their source, so that a policy ranks each row by where it came from and not by the table
 * that it is in. An input that says its source, or has rows of one source only, is one part and not copied.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when a row's source is null or no source of the lake.
 */
export function splitBySource<T extends TypeMap>(input: KeyedOrigin, schema: Schema<T>): MergePart[] {
  const { source, table } = input
  if (source !== undefined) return [{ ...input, source }]
  const { codes, words } = wordValues(table, 'source')
  const sources = words.map((word) => sourceOf(word, input))
  if (codes.includes(-1)) sourceOf('null', input)
  const [only = 'archive'] = sources
  if (sources.length <= 1) return [{ ...input, source: only }]
  return sources.map((own, code) => {
    const rows = rowsWith(codes, code)
    return {
      name: input.name,
      receivedAt: input.receivedAt,
      source: own,
      table: buildTable(schema, (field) => concatColumn([table], field).take(rows)),
      keys: takeIntegers(input.keys, rows),
      times: input.times === undefined ? undefined : takeIntegers(input.times, rows),
      ordinals: input.ordinals === undefined ? undefined : takeCodes(input.ordinals, rows),
    }
  })
}

function sourceOf(word: string, { name }: MergeOrigin): RowSource {
  const source = ROW_SOURCES.find((candidate) => candidate === word)
  if (source !== undefined) return source
  throw new LakeError(
    'BAD_REQUEST',
    `A row of input '${name}' has the source ${word}; sources are ${ROW_SOURCES.join(' ')}. ` +
      `Say the source of the input, or correct the rows.`,
    { details: { name, source: word } },
  )
}

function rowsWith(codes: Int32Array, wanted: number): Uint32Array {
  const rows = new Uint32Array(codes.length)
  let count = 0
  for (let row = 0; row < codes.length; row++) if (codeAt(codes, row) === wanted) rows[count++] = row
  return rows.subarray(0, count)
}

function takeIntegers(values: BigInt64Array, rows: Uint32Array): BigInt64Array {
  const taken = new BigInt64Array(rows.length)
  for (let at = 0; at < taken.length; at++) taken[at] = integerAt(values, rowAt(rows, at))
  return taken
}

function takeCodes(codes: Int32Array, rows: Uint32Array): Int32Array {
  const taken = new Int32Array(rows.length)
  for (let at = 0; at < taken.length; at++) taken[at] = codeAt(codes, rowAt(rows, at))
  return taken
}
