import { type SourceFormat, tableSchema } from '@lake/core'
import { ARROW_OF_KIND } from '@lake/core/testing'
import { describe, expect, test } from 'vitest'
import { listExchanges } from './index.ts'

const formats = listExchanges().flatMap((adapter) => adapter.formats ?? [])

describe.each(formats)('$id', (format) => {
  const { fields } = tableSchema(format.dataType)

  test.each(layoutsOf(format))('fills its table from columns of the right kinds, each once: %s', (_, columns) => {
    const filled = columns.filter((column) => column.to !== undefined)
    for (const column of filled) {
      const field = fields.find((one) => one.name === column.to)
      expect([column.name, String(field?.type)]).toEqual([column.name, ARROW_OF_KIND[column.kind]])
      if (column.nullable === true) expect([column.name, field?.nullable]).toEqual([column.name, true])
      expect(column.kind === 'word').toBe(column.words !== undefined)
    }
    const names = filled.map((column) => column.to)
    expect(new Set(names).size).toBe(names.length)
    const derived = [
      'ts_available',
      'source',
      ...Object.keys(format.constants ?? {}),
      ...(format.closeBefore === undefined ? [] : ['close_time']),
      ...(filled.some(({ kind }) => kind === 'signed-size') ? ['side'] : []),
    ]
    const required = fields.filter((field) => !field.nullable).map((field) => field.name)
    expect(names).toEqual(expect.arrayContaining(required.filter((name) => !derived.includes(name))))
    for (const column of Object.keys(format.units ?? {})) expect(names).toContain(column)
  })

  test('a name means one column', () => {
    for (const [, columns] of layoutsOf(format)) {
      const words = columns.flatMap((column) => [column.name, ...(column.aliases ?? [])])
      expect(new Set(words).size).toBe(words.length)
    }
  })

  test('its sets of columns can be told apart', () => {
    const forms = layoutsOf(format).map(([, columns, header = format.header]) =>
      header === 'present' ? columns.map(({ name }) => name).join() : columns.length,
    )
    expect(new Set(forms).size).toBe(forms.length)
  })
})

function layoutsOf(format: SourceFormat): (readonly [string, SourceFormat['columns'], SourceFormat['header']])[] {
  const variants = (format.variants ?? []).map(({ era, columns, header }) => [era, columns, header] as const)
  return [['today', format.columns, undefined], ...variants]
}
