import { LakeError } from '@lake/core'
import { openStore } from '@lake/storage'
import { expect, test } from 'vitest'
import { queryError } from './query-error.ts'

const context = { sql: 'select 1', store: openStore('memory:'), root: '/lake', failureOf: () => undefined }

test('memory that runs out is no fault of the query', async () => {
  const error = new Error(
    'Out of Memory Error: failed to allocate 1.0 GiB (2.0 GiB/2.0 GiB used)\n\nPossible solutions: …',
  )
  expect(await queryError(error, context)).toMatchObject({ code: 'UNSUPPORTED', cause: error })
})

test('a LakeError stays what it is', async () => {
  const error = new LakeError('CONFLICT', 'x')
  expect(await queryError(error, context)).toBe(error)
})

test('whatever DuckDB throws has a code', async () => {
  expect(await queryError('odd', context)).toMatchObject({ code: 'BAD_QUERY', message: 'odd' })
  const outside = new Error('IO Error: Cannot open file "/elsewhere/x.parquet": No such file')
  expect(await queryError(outside, context)).toMatchObject({ code: 'BAD_QUERY' })
})
