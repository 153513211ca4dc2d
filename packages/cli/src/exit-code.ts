import type { LakeErrorCode } from '@lake/core'

/** What the process tells its caller. */
export const EXIT = {
  complete: 0,
  failed: 1,
  usage: 2,
  partial: 3,
  interrupted: 130,
  /** As a program that is ended by SIGPIPE. */
  unread: 141,
  terminated: 143,
} as const

/** The exit code of a failure: a malformed request is a usage error, everything else failed. */
export function exitCodeOf(code: LakeErrorCode): number {
  return code === 'BAD_REQUEST' ? EXIT.usage : EXIT.failed
}
