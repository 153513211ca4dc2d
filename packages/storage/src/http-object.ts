import { LakeError, type ObjectInfo } from '@lake/core'
import type { HttpAnswer } from './http-request.ts'
import type { AnswerHeaders } from './http-status.ts'

/** What an answer to a GET or HEAD says about an object and about the part of it that its body is. */
export interface HttpObject {
  readonly info: ObjectInfo
  /** Offsets of the body in the object, closed-open. */
  readonly start: number
  readonly end: number
}

/**
 * Reads the headers of an answer; `undefined` when they do not tell how long the object is.
 *
 * @throws {@link LakeError} `UNSUPPORTED` when the body is compressed for the transfer: its bytes are not the object's.
 */
export function describedObject(key: string, url: string, { status, headers }: HttpAnswer): HttpObject | undefined {
  const encoding = headers.get('content-encoding') ?? 'identity'
  if (encoding !== 'identity') {
    const message = `${url} is sent with content-encoding ${encoding}, so its bytes cannot be checked. Use another mirror.`
    throw new LakeError('UNSUPPORTED', message, { details: { key, url, encoding } })
  }
  const length = wholeNumber(headers.get('content-length'))
  const extent =
    status === 206 ? contentRange(headers) : length === undefined ? undefined : { start: 0, end: length, size: length }
  if (extent === undefined) return undefined
  const { start, end, size } = extent
  return { info: objectInfo(key, size, headers), start, end }
}

/** The object that headers describe, given its size. */
export function objectInfo(key: string, size: number, headers: AnswerHeaders): ObjectInfo {
  return { key, size, etag: etagOf(headers.get('etag')), lastModified: microsOfDate(headers.get('last-modified')) }
}

/** An etag without its quotes, since listings and headers differ in them; a weak one keeps its mark and quotes. */
export function etagOf(text: string | null | undefined): string {
  return (text ?? '').replace(/^"(.*)"$/, '$1')
}

/** The etag as a condition of a request; `undefined` when it is weak or cannot be one. */
export function etagCondition(etag: string | undefined): string | undefined {
  return etag !== undefined && /^[!#-~]+$/.test(etag) ? `"${etag}"` : undefined
}

/** Epoch microseconds of a date as HTTP and S3 write it; 0 when there is none. */
export function microsOfDate(text: string | null | undefined): number {
  const millis = Date.parse(text ?? '')
  return Number.isNaN(millis) ? 0 : millis * 1000
}

function contentRange(headers: AnswerHeaders): { start: number; end: number; size: number } | undefined {
  const match = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(headers.get('content-range') ?? '')
  const [start, last, size] = (match ?? []).slice(1).map(Number)
  if (start === undefined || last === undefined || size === undefined || start > last || last >= size) return undefined
  return { start, end: last + 1, size }
}

function wholeNumber(text: string | null | undefined): number | undefined {
  return text !== null && text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}
