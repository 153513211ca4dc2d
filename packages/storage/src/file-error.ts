import { LakeError, type LakeErrorCode } from '@lake/core'

export interface FailedOperation {
  /** As in `write`: the message starts with "Cannot write <path>". */
  readonly doing: string
  readonly path: string
  /** What the failure left; "Nothing was changed." when absent. */
  readonly state?: string | undefined
}

/** The result of file system work, its failures told as LakeErrors. */
export async function translated<T>(work: Promise<T>, operation: FailedOperation): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw fileError(error, operation)
  }
}

/** What the operating system says, as a LakeError that names the path, what is left and what to do. */
export function fileError(error: unknown, { doing, path, state = 'Nothing was changed.' }: FailedOperation): LakeError {
  const systemCode = systemCodeOf(error) ?? ''
  const known = KNOWN.get(systemCode)
  const reason = known?.reason ?? (error instanceof Error ? error.message : String(error))
  const advice = known?.advice ?? 'The operating system gave this reason; see to it, then run again.'
  return new LakeError(known?.code ?? 'STORE_FAILED', `Cannot ${doing} ${path}: ${reason}. ${state} ${advice}`, {
    cause: error,
    details: { path, systemCode },
  })
}

/** `ENOENT` and the like; `undefined` when the error is not from the operating system. */
export function systemCodeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

interface KnownFailure {
  readonly code: LakeErrorCode
  readonly reason: string
  readonly advice: string
}

const FULL = { code: 'NO_SPACE', advice: 'Free some space or choose another place, then run again.' } as const
const DENIED = {
  code: 'NO_PERMISSION',
  advice: 'Give this user access or choose another place, then run again.',
} as const
const MISPLACED = {
  code: 'BAD_REQUEST',
  advice: 'On a disk no object can lie below another one; choose another key.',
} as const
const EXHAUSTED = {
  code: 'UNAVAILABLE',
  reason: 'too many files are open',
  advice: 'Run with less at once, or raise the limit (ulimit -n).',
} as const

const KNOWN: ReadonlyMap<string, KnownFailure> = new Map<string, KnownFailure>([
  ['ENOSPC', { ...FULL, reason: 'the disk is full' }],
  ['EDQUOT', { ...FULL, reason: "the user's disk quota is used up" }],
  ['EACCES', { ...DENIED, reason: 'access is denied' }],
  ['EPERM', { ...DENIED, reason: 'the operation is not permitted' }],
  ['EROFS', { ...DENIED, reason: 'the file system is read-only' }],
  ['EISDIR', { ...MISPLACED, reason: 'a folder is in its place' }],
  ['ENOTDIR', { ...MISPLACED, reason: 'a part of the path is a file, not a folder' }],
  ['EEXIST', { ...MISPLACED, reason: 'a part of the path is a file, not a folder' }],
  [
    'ENAMETOOLONG',
    { code: 'BAD_REQUEST', reason: 'the name is too long for this disk', advice: 'Choose a shorter key.' },
  ],
  ['EMFILE', EXHAUSTED],
  ['ENFILE', EXHAUSTED],
])
