import { LakeError, type LakeErrorCode } from '@lake/core'
import type { HeldArchive } from './held-file.ts'

/** A new file that is not what its name or its format says, and why. */
export interface RefusedInput {
  readonly file: HeldArchive
  readonly error: LakeError
}

/** What is wrong with a file itself, not with the lake or the way to it. */
const REFUSALS: ReadonlySet<LakeErrorCode> = new Set([
  'BAD_ARCHIVE',
  'BAD_FORMAT',
  'BAD_ROW',
  'CHECKSUM_MISMATCH',
  'WRONG_FILE',
])

/** Whether an error condemns the file that it is about, and no other. */
export function isRefusal(error: unknown): error is LakeError {
  return LakeError.is(error) && REFUSALS.has(error.code)
}

/**
 * Does something with a file of bronze. An error has the file's key in its details as `input`: what a parser calls a
 * file may be the name of what lies in it, which files of several days may share.
 */
export async function namingInput<T>(key: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!LakeError.is(error)) throw error
    throw new LakeError(error.code, error.message, {
      details: { ...error.details, input: key },
      ...('cause' in error ? { cause: error.cause } : {}),
    })
  }
}

/** The key in bronze of the file that an error condemns; `undefined` for every other error. */
export function refusedKey(error: unknown): string | undefined {
  if (!isRefusal(error)) return undefined
  const { input } = error.details
  return typeof input === 'string' ? input : undefined
}
