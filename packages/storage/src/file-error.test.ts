import { LakeError } from '@lake/core'
import { expect, test } from 'vitest'
import { fileError, translated } from './file-error.ts'

const CODES = [
  ['ENOSPC', 'NO_SPACE', false],
  ['EDQUOT', 'NO_SPACE', false],
  ['EACCES', 'NO_PERMISSION', false],
  ['EPERM', 'NO_PERMISSION', false],
  ['EROFS', 'NO_PERMISSION', false],
  ['EISDIR', 'BAD_REQUEST', false],
  ['ENOTDIR', 'BAD_REQUEST', false],
  ['EEXIST', 'BAD_REQUEST', false],
  ['ENAMETOOLONG', 'BAD_REQUEST', false],
  ['EMFILE', 'UNAVAILABLE', true],
  ['ENFILE', 'UNAVAILABLE', true],
  ['EIO', 'STORE_FAILED', false],
] as const

test.each(CODES)('%s of the operating system becomes %s', async (systemCode, code, retryable) => {
  const cause = Object.assign(new Error(`${systemCode}: it said so`), { code: systemCode })
  const error = fileError(cause, { doing: 'write', path: '/lake/a' })
  expect(error).toMatchObject({ code, retryable, cause, details: { path: '/lake/a', systemCode } })
  // What happened to which path, what is left, what to do.
  expect(error.message).toMatch(/^Cannot write \/lake\/a: .{10,}\. Nothing was changed\. .{10,}\.$/)
  await expect(translated(Promise.reject(cause), { doing: 'read', path: 'b' })).rejects.toMatchObject({ code })
})

test('an error that is not from the operating system keeps its text', () => {
  const error = fileError('odd', { doing: 'read', path: '/lake/a', state: 'It is as it was.' })
  expect(error).toBeInstanceOf(LakeError)
  expect(error.message).toContain('Cannot read /lake/a: odd. It is as it was.')
})
