import { LakeError } from '@lake/core'
import { type EnvironmentAnswer, type EnvironmentFetch, environmentFetch } from '@lake/storage'
import { retrying } from './retrying.ts'

/** The text of a page of an index; `undefined` when there is no such page. Tests give their own. */
export type AskPage = (
  url: string,
  options: { readonly signal?: AbortSignal | undefined },
) => Promise<string | undefined>

export interface AskOptions {
  readonly signal?: AbortSignal | undefined
  /** Default the proxy of the environment, where it names one. */
  readonly fetch?: EnvironmentFetch | undefined
  /** How often a temporary failure is tried in all. Default 5. */
  readonly attempts?: number | undefined
  /** Milliseconds before the second try, doubling from then on. Default 500. */
  readonly pauseMillis?: number | undefined
  /** Milliseconds until an answer must be there. Default 30 000. */
  readonly timeoutMillis?: number | undefined
}

/** Indexes are pages for people: the largest real ones have a few megabytes. */
const LARGEST_PAGE_CHARACTERS = 67_108_864

/**
 * Asks a web server for a page.
 *
 * @throws {@link LakeError} `UNAVAILABLE` when it stays unreachable or busy, `NO_PERMISSION` when it refuses (403, or
 * 451 for the region of this machine), `STORE_FAILED` for every other answer.
 */
export async function askPage(url: string, options: AskOptions): Promise<string | undefined> {
  const { attempts = 5, pauseMillis = 500, signal } = options
  return retrying({ attempts, pauseMillis, signal, onRetry: () => undefined }, () => askOnce(url, options))
}

async function askOnce(url: string, options: AskOptions): Promise<string | undefined> {
  const { signal, timeoutMillis = 30_000 } = options
  const timeout = AbortSignal.timeout(timeoutMillis)
  const either = signal === undefined ? timeout : AbortSignal.any([signal, timeout])
  try {
    const response = await (options.fetch ?? environmentFetch())(url, { method: 'GET', headers: {}, signal: either })
    const { status } = response
    if (status === 200) return await pageText(url, response)
    await response.body?.cancel()
    if (status === 404 || status === 410) return undefined
    throw refusal(url, status)
  } catch (cause) {
    signal?.throwIfAborted()
    if (LakeError.is(cause)) throw cause
    const message = `${url} did not answer. Check the address and the network, or try again later.`
    throw new LakeError('UNAVAILABLE', message, { cause, details: { url } })
  }
}

async function pageText(url: string, response: EnvironmentAnswer): Promise<string> {
  const text = new TextDecoder().decode(await response.arrayBuffer())
  if (text.length <= LARGEST_PAGE_CHARACTERS) return text
  throw new LakeError('STORE_FAILED', `${url} is too long for the page of an index: ${text.length} characters.`, {
    details: { url, limit: LARGEST_PAGE_CHARACTERS },
  })
}

function refusal(url: string, status: number): LakeError {
  const details = { url, status }
  if (status === 408 || status === 429 || status >= 500) {
    return new LakeError(
      'UNAVAILABLE',
      `${url} answered ${status}: it is too busy, or fails for now. Try again later.`,
      {
        details,
      },
    )
  }
  if (status === 401 || status === 403 || status === 451) {
    const why = status === 451 ? 'it does not serve the region of this machine. Use a mirror.' : 'access is refused.'
    return new LakeError('NO_PERMISSION', `${url} answered ${status}: ${why}`, { details })
  }
  return new LakeError('STORE_FAILED', `${url} answered ${status}, which is no page of an index. Check the address.`, {
    details,
  })
}
