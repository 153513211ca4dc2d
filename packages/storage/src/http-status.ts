import { LakeError, type LakeErrorCode } from '@lake/core'

/** As much of the headers of an answer as is used here. */
export type AnswerHeaders = Pick<Headers, 'get'>

/** True for the statuses that say "not now" rather than "no". */
export function isTemporary(status: number): boolean {
  return status === 408 || status === 429 || (status >= 500 && status !== 501)
}

/** What a status means that is not the one hoped for. Nothing was changed in any case: requests only read. */
export function statusError(url: string, status: number, headers: AnswerHeaders): LakeError {
  const [code, text] = meaningOf(status)
  const retryAfterMillis = isTemporary(status) ? retryAfter(headers.get('retry-after')) : undefined
  const details = { url, status, ...(retryAfterMillis === undefined ? {} : { retryAfterMillis }) }
  return new LakeError(code, `${url} answered ${status}: ${text}`, { details })
}

function meaningOf(status: number): readonly [LakeErrorCode, string] {
  if (status === 404 || status === 410) return ['NOT_FOUND', 'there is no such object.']
  if (status === 401 || status === 403)
    return ['NO_PERMISSION', 'access is refused. Check the address and the credentials.']
  if (status === 451) {
    return ['NO_PERMISSION', 'it does not serve the region of this machine. Run from another region or use a mirror.']
  }
  if (status === 412) return ['CONFLICT', 'the object was replaced. Look again.']
  if (status === 429) return ['UNAVAILABLE', 'too many requests. Try again later, with less at once.']
  if (isTemporary(status)) return ['UNAVAILABLE', 'the server fails for now. Try again later.']
  return ['STORE_FAILED', 'that is no answer to a request for an object. Check the address.']
}

/** Milliseconds of a `retry-after`: seconds or a date. */
function retryAfter(text: string | null): number | undefined {
  if (text === null) return undefined
  const millis = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now()
  return Number.isNaN(millis) ? undefined : Math.max(0, millis)
}
