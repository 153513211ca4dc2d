import { LakeError, type LakeErrorCode } from '@lake/core'
import { type Credentials, redact } from './credentials.ts'

/** ccxt's classes of errors, the special before the general, and what they mean to the lake. */
const MEANINGS: readonly (readonly [string, LakeErrorCode])[] = [
  ['DDoSProtection', 'RATE_LIMITED'],
  ['RateLimitExceeded', 'RATE_LIMITED'],
  ['NetworkError', 'UNAVAILABLE'],
  ['OperationFailed', 'UNAVAILABLE'],
  ['RestrictedLocation', 'BLOCKED_REGION'],
  ['BadSymbol', 'NOT_FOUND'],
  ['AuthenticationError', 'NO_PERMISSION'],
  ['NotSupported', 'UNSUPPORTED'],
  ['BaseError', 'BAD_REQUEST'],
]

/** What an error of ccxt's means. */
export function codeOf(error: unknown): LakeErrorCode {
  const names = new Set<string>()
  for (let at: unknown = error; at instanceof Object; at = Object.getPrototypeOf(at)) names.add(at.constructor.name)
  // What is no error of ccxt's comes from the connection.
  return MEANINGS.find(([name]) => names.has(name))?.[1] ?? 'UNAVAILABLE'
}

/** Without ccxt's error as the cause: it may hold an address with a key in it. */
export function failure(error: unknown, method: string, credentials: Credentials | undefined): LakeError {
  const code = codeOf(error)
  const message = redact(error instanceof Error ? error.message : String(error), credentials)
  const advice =
    code === 'NO_PERMISSION'
      ? ` Give a key by ${method.split('.')[0]?.toUpperCase() ?? ''}_API_KEY, or by the option 'credentials'.`
      : code === 'UNAVAILABLE'
        ? ' Try again later.'
        : ''
  return new LakeError(code, `${method} failed, nothing was stored: ${message}.${advice}`, { details: { method } })
}
