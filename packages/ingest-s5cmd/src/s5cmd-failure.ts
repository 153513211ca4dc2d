import { LakeError, type LakeErrorCode } from '@lake/core'

/** Words in the error texts of s5cmd, and what they mean. The first that fits decides. */
const MEANINGS: readonly (readonly [RegExp, LakeErrorCode])[] = [
  [/NoSuchKey|NoSuchBucket|NotFound|no such file|status code: 404/i, 'NOT_FOUND'],
  [/no space left|QuotaExceeded|StorageFull|disk quota|status code: 507/i, 'NO_SPACE'],
  [/BucketRegionError|PermanentRedirect|AuthorizationHeaderMalformed|status code: 301/i, 'BAD_REQUEST'],
  [/RequestTimeTooSkewed/, 'NO_PERMISSION'],
  [/SlowDown|ServiceUnavailable|InternalError|RequestTimeout|Throttl|status code: (?:429|5\d\d)/i, 'UNAVAILABLE'],
  [/AccessDenied|SignatureDoesNotMatch|InvalidAccessKeyId|Expired|InvalidToken|Forbidden/i, 'NO_PERMISSION'],
  [/NoCredentialProviders|status code: (?:401|403)/i, 'NO_PERMISSION'],
  [/EntityTooLarge|larger than the maximum|exceeds? the maximum/i, 'UNSUPPORTED'],
  [/PreconditionFailed|status code: 412|status code: 409/i, 'CONFLICT'],
  [/connection re(?:fused|set)|broken pipe|EOF|timeout|no such host|i\/o|send request failed/i, 'UNAVAILABLE'],
]

/**
 * The failure of one command of s5cmd. Its code says whether trying again makes sense, as everywhere.
 *
 * @example
 * s5cmdFailure('s3://a/k', 'SlowDown: Reduce your request rate. status code: 503').retryable // true
 */
export function s5cmdFailure(object: string, text: string): LakeError {
  const code = MEANINGS.find(([words]) => words.test(text))?.[1] ?? 'STORE_FAILED'
  // Request and host ids say nothing to the reader.
  const reason = text.replace(/,? request id: .*$/s, '').trim()
  return new LakeError(code, `s5cmd could not copy ${object}: ${reason}`, { details: { object, reason } })
}

/** The failure of a command that s5cmd said nothing about. */
export function unreportedFailure(object: string, why: string): LakeError {
  return new LakeError('UNAVAILABLE', `s5cmd gave no result for ${object}: ${why}.`, {
    details: { object, reason: why },
  })
}
