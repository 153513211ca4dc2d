import { LakeError, type SourceColumn } from '@lake/core'
import type { ColumnReader } from '../column-reader.ts'
import { DecimalReader } from '../decimal-reader.ts'
import { ExactReader } from '../exact-reader.ts'
import { FlagReader, SideReader } from '../flag-reader.ts'
import { IntegerReader } from '../integer-reader.ts'
import { UuidReader } from '../uuid-reader.ts'
import { CellColumn } from './cell-column.ts'
import { PageTimes } from './page-times.ts'
import { TextColumn } from './text-column.ts'
import type { PageColumn } from './json-column.ts'

/**
 * The reader of a source column in JSON. `undefined` for kinds that keep nothing.
 *
 * @param scale digits behind the point of exact decimals; absent where numbers are float64
 * @throws {@link LakeError} `BAD_REQUEST` for a column of words without words, and for kinds that only files have.
 */
export function pageColumn(column: SourceColumn, scale?: number): PageColumn | undefined {
  switch (column.kind) {
    case 'time':
      if (column.unit !== 'metatrader') return new PageTimes(column.unit ?? 'epoch')
      throw new LakeError('BAD_REQUEST', `Column ${column.name} is a time of MetaTrader, which pages do not have.`)
    case 'received':
      return new PageTimes('epoch')
    case 'integer':
      return new CellColumn(new IntegerReader(false))
    case 'decimal':
      return new CellColumn(decimalReader(column.signed ?? false, scale))
    case 'flag':
      return new CellColumn(new FlagReader(false))
    case 'buyer-maker':
      return new CellColumn(new SideReader())
    case 'word':
      if (column.words !== undefined) return new TextColumn(column.words)
      throw new LakeError('BAD_REQUEST', `Column ${column.name} is of kind word, but has no words.`)
    case 'text':
      return new TextColumn(undefined)
    case 'uuid':
      return new CellColumn(new UuidReader())
    case 'hour':
    case 'signed-size':
      throw new LakeError('BAD_REQUEST', `Column ${column.name} is of kind ${column.kind}, which pages do not have.`)
    case 'symbol':
    case 'ignored':
      return undefined
  }
}

function decimalReader(signed: boolean, scale: number | undefined): ColumnReader {
  const options = { signed, ...ANY_DECIMAL }
  return scale === undefined ? new DecimalReader(options) : new ExactReader({ ...options, scale })
}

/** Nulls and exponents are seen before a reader is asked. */
const ANY_DECIMAL = { nullable: false, exponent: false, mostPlaces: Infinity } as const
