import { LakeError, type LakeErrorCode, type RestSeries } from '@lake/core'
import type { RestReply } from './rest-transport.ts'

/** Why an answer is none; `undefined` when it is one. */
export interface Refusal {
  readonly code: LakeErrorCode
  readonly message: string
}

/** What a venue's answer refuses, by its status and its own words. */
export function refusalOf(reply: RestReply): Refusal | undefined {
  const { status, refusal } = reply
  const words = refusal?.message ?? reply.excerpt ?? new TextDecoder().decode(reply.body.subarray(0, 300))
  const message = `HTTP ${status}: ${words}`
  if (status === 429 || status === 418) return { code: 'RATE_LIMITED', message }
  if (status === 451) return { code: 'BLOCKED_REGION', message }
  // A content network refuses countries in its own words, before the venue is reached.
  if (status === 403 && /your country|restricted (?:location|region)/i.test(words)) {
    return { code: 'BLOCKED_REGION', message }
  }
  // ccxt's most general error says less than the status.
  if (refusal !== undefined && refusal.code !== 'BAD_REQUEST') return { code: refusal.code, message }
  if (status >= 500 || status === 408) return { code: 'UNAVAILABLE', message }
  if (status === 401 || status === 403) return { code: 'NO_PERMISSION', message }
  if (status === 404) return { code: 'NOT_FOUND', message }
  if (status >= 400 || refusal !== undefined) return { code: 'BAD_REQUEST', message }
  // Half a body, or a page for people: nothing to keep.
  if (reply.flatRows === undefined && reply.json === undefined)
    return { code: 'UNAVAILABLE', message: `${message.slice(0, 120)} (no JSON)` }
  return undefined
}

/** The error of a refusal that stands. */
export function refusalError(
  refusal: Refusal,
  endpoint: RestSeries['endpoint'],
  details: { readonly parameters: Readonly<Record<string, string | number>> } & Readonly<Record<string, unknown>>,
): LakeError {
  const place = endpoint.kind === 'ccxt' ? `${endpoint.exchange}.${endpoint.method}` : endpoint.url
  const asked = Object.entries(details.parameters).map(([name, value]) => `${name}=${value}`)
  const advice = asked.length === 0 && refusal.code === 'NOT_FOUND' ? '' : (ADVICE[refusal.code] ?? '')
  return new LakeError(
    refusal.code,
    `${[place, ...asked].join(' ')} was refused. ${refusal.message}. What was stored before stays.${advice}`,
    {
      details: { endpoint: place, ...details },
    },
  )
}

const ADVICE: Partial<Record<LakeErrorCode, string>> = {
  BLOCKED_REGION: ' The venue does not serve this region; its archive may.',
  NOT_FOUND: ' A symbol is written as the venue itself writes it, and must have been traded there.',
  RATE_LIMITED: ' The venue wants fewer requests: go on later, or spend a smaller share of its budget.',
  UNAVAILABLE: ' Try again later.',
}

/** Epoch microseconds until which the venue wants no further request; `undefined` when it does not say. */
export function retryAtOf(reply: RestReply, now: number): number | undefined {
  const text = reply.headers['retry-after']
  if (text === undefined) return undefined
  const at = /^\d+$/.test(text) ? now + Number(text) * 1_000_000 : Date.parse(text) * 1000
  return Number.isFinite(at) ? at : undefined
}
