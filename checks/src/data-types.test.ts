import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { COLUMN_MEANINGS, DATA_TYPES, tableSchema } from '@lake/core'
import { expect, test } from 'vitest'
import { renderDataTypes } from './data-types.ts'
import { readText, root } from './repository.ts'

const PAGE = 'docs/data-types.md'

test('every column of every table has a meaning', () => {
  const columns = DATA_TYPES.flatMap((dataType) => tableSchema(dataType).names)
  expect(Object.keys(COLUMN_MEANINGS).sort()).toEqual([...new Set(columns)].map(String).sort())
})

test('the page of data types is what the descriptions say', () => {
  const page = renderDataTypes()
  if (process.env['LAKE_WRITE_DOCS'] === '1') writeFileSync(join(root, PAGE), page)
  expect(existsSync(join(root, PAGE))).toBe(true)
  expect(readText(PAGE)).toBe(page)
})
