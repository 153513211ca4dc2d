import { expect } from 'vitest'
import type { PageFormat } from '../page-format.ts'
import type { SourceFormat } from '../source-format.ts'
import { tableSchema } from '../table.ts'
import { isBarType } from '../vocabulary.ts'
import { ARROW_OF_KIND } from './arrow-of-kind.ts'
import { type ExchangeCheck, formatsOf, pageFormatsOf } from './exchange-check.ts'

const WORDS: string = ARROW_OF_KIND.text

/** What every description of files, pages and frames promises. */
export const FORMAT_CHECKS: readonly ExchangeCheck[] = [
  {
    name: 'has formats whose columns fill their table: right kinds, each once, none that must not be null left out',
    run: (subject) => {
      for (const format of formatsOf(subject)) expectFillsTable(format)
    },
  },
  {
    name: 'has formats in which a name means one column, and words say something',
    run: (subject) => {
      for (const format of formatsOf(subject)) {
        const names = format.columns.flatMap(({ name, aliases = [] }) => [name, ...aliases])
        expect(new Set(names).size, `${format.id}: ${names.join(' ')}`).toBe(names.length)
        for (const { kind, name, words, to } of format.columns) {
          if (kind !== 'word') continue
          expect(Object.keys(words ?? {}), `${format.id}: the words of ${name}`).not.toEqual([])
          if (to !== 'side') continue
          const sides = new Set(Object.values(words ?? {}))
          expect([...sides].toSorted(), `${format.id}: what the words of ${name} stand for`).toEqual(['buy', 'sell'])
        }
        expect(format.markets, format.id).not.toEqual([])
      }
    },
  },
  {
    name: 'filters rows by fields that they have',
    run: (subject) => {
      for (const { id, shape, columns, only = [] } of pageFormatsOf(subject)) {
        for (const { field, anyOf } of only) {
          expect(anyOf, id).not.toEqual([])
          if (shape === 'array' && !field.startsWith('$.'))
            expect(Number(field), `${id}: the position of the field ${field}`).toBeLessThan(columns.length)
        }
      }
    },
  },
]

function expectFillsTable(format: SourceFormat | PageFormat): void {
  const { fields } = tableSchema(format.dataType)
  const constants = 'constants' in format ? (format.constants ?? {}) : {}
  for (const name of Object.keys(constants)) {
    expect(String(fields.find((field) => field.name === name)?.type), `${format.id}: ${name} holds words`).toBe(WORDS)
  }
  for (const { name, kind, to } of format.columns) {
    if (to === undefined) continue
    const field = fields.find((one) => one.name === to)
    expect(String(field?.type), `${format.id}: ${name} fills ${to}`).toBe(ARROW_OF_KIND[kind])
  }
  const filled = [...format.columns.flatMap(({ to }) => (to === undefined ? [] : [to])), ...Object.keys(constants)]
  expect(new Set(filled).size, `${format.id} fills each column once: ${filled.join(' ')}`).toBe(filled.length)
  const signed = format.columns.some(({ kind }) => kind === 'signed-size') ? ['side'] : []
  const derived = ['ts_available', 'source', ...signed, ...closingTime(format)]
  const required = fields.filter(({ name, nullable }) => !nullable && !derived.includes(name)).map(({ name }) => name)
  const missing = required.filter((name) => !filled.includes(name))
  const hint = missing.includes('close_time') && 'rows' in format ? '; closeBefore gives close_time' : ''
  expect(missing, `${format.id} leaves out columns that must not be null${hint}`).toEqual([])
  for (const name of Object.keys(format.units ?? {}))
    expect(filled, `${format.id}: the unit of ${name}`).toContain(name)
}

/** `close_time` of a bar follows from the next one's open where the format says how. */
function closingTime(format: SourceFormat | PageFormat): readonly string[] {
  return 'closeBefore' in format && format.closeBefore !== undefined && isBarType(format.dataType) ? ['close_time'] : []
}
