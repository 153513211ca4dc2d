/**
 * What went wrong, as a stable machine-readable word. The list is closed: a new code is a minor release.
 *
 * | code | meaning | retryable |
 * |---|---|---|
 * | `BAD_REQUEST` | the caller asked for something that cannot be: a malformed id, range or option | no |
 * | `NOT_FOUND` | the named object, dataset or file does not exist | no |
 * | `CONFLICT` | somebody else changed the object first; read again and decide | yes |
 * | `CHECKSUM_MISMATCH` | bytes differ from their published or recorded sha256 | yes |
 * | `BAD_ARCHIVE` | the container (zip) is damaged, hostile or not of the expected shape | no |
 * | `BAD_FORMAT` | a file whose columns or header no known format describes | no |
 * | `BAD_ROW` | a row with a missing column, an unreadable value or a time outside the file's period | no |
 * | `WRONG_FILE` | a file that holds another symbol or period than its name says | no |
 * | `NO_SPACE` | the target has no room left | no |
 * | `NO_PERMISSION` | the store refuses access | no |
 * | `READ_ONLY` | a write to a store that cannot be written | no |
 * | `UNAVAILABLE` | the other side did not answer, or answered with a temporary failure | yes |
 * | `RATE_LIMITED` | a venue asked to wait, or banned this address for a while; `details.retryAt` says until when | yes |
 * | `BLOCKED_REGION` | a venue does not serve this region | no |
 * | `STORE_FAILED` | any other failure of a store; `cause` has it | no |
 * | `CORRUPT_LAKE` | a file of the lake is not what its manifest says | no |
 * | `BAD_QUERY` | SQL that the engine refuses | no |
 * | `UNSUPPORTED` | legal, but this version or this machine cannot do it | no |
 */
export type LakeErrorCode =
  | 'BAD_REQUEST'
  | 'NOT_FOUND'
  | 'CONFLICT'
  | 'CHECKSUM_MISMATCH'
  | 'BAD_ARCHIVE'
  | 'BAD_FORMAT'
  | 'BAD_ROW'
  | 'WRONG_FILE'
  | 'NO_SPACE'
  | 'NO_PERMISSION'
  | 'READ_ONLY'
  | 'UNAVAILABLE'
  | 'RATE_LIMITED'
  | 'BLOCKED_REGION'
  | 'STORE_FAILED'
  | 'CORRUPT_LAKE'
  | 'BAD_QUERY'
  | 'UNSUPPORTED'

const RETRYABLE: ReadonlySet<LakeErrorCode> = new Set(['CONFLICT', 'CHECKSUM_MISMATCH', 'UNAVAILABLE', 'RATE_LIMITED'])

export interface LakeErrorOptions {
  readonly cause?: unknown
  /** Facts for programs: file, line, column, value, key. Plain JSON values; never a secret. */
  readonly details?: Readonly<Record<string, unknown>>
}

/**
 * The one error class of every `@lake/*` package; tell cases apart by `code`.
 *
 * The message says what happened, where, what state is left and what to do.
 *
 * @example
 * try {
 *   parseDatasetId('binance/spot')
 * } catch (error) {
 *   if (LakeError.is(error)) console.log(error.code) // BAD_REQUEST
 * }
 */
export class LakeError extends Error {
  override readonly name = 'LakeError'
  readonly code: LakeErrorCode
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: LakeErrorCode, message: string, options: LakeErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.details = options.details ?? {}
  }

  /** True when trying the same again may succeed; a property of the code. */
  get retryable(): boolean {
    return RETRYABLE.has(this.code)
  }

  /** True for a LakeError from any copy of this package, unlike `instanceof`. */
  static is(value: unknown): value is LakeError {
    return value instanceof Error && value.name === 'LakeError' && 'code' in value && 'details' in value
  }
}
