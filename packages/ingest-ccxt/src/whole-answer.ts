import { STATUS_CODES } from 'node:http'
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib'
import type { CcxtRequest, CcxtResponse, DispatchController, DispatchedHeaders, DispatchHandler } from './load-ccxt.ts'

/*
 * How this is fast: ccxt reads an answer by undici's `request`, which makes a stream of it for whoever may want it piece
 * by piece, a tenth of what a short page costs. A page is wanted whole, so the pieces are taken where undici hands them
 * on, and put together.
 */

const DECODERS: Readonly<Record<string, (body: Uint8Array) => Uint8Array>> = {
  ...{ gzip: gunzipSync, 'x-gzip': gunzipSync },
  ...{ br: brotliDecompressSync, deflate: inflateSync },
}

/**
 * Sends a request by its dispatcher. The answer is there with its headers, its body when all of it has come; what the
 * transfer compressed is undone. A redirect is not followed: a venue has no reason for one, a captive portal has.
 */
export async function requestWhole(url: string, request: CcxtRequest): Promise<CcxtResponse> {
  const { status, headers, body } = await dispatch(url, request)
  if (status >= 300 && status < 400 && headers['location'] !== undefined) {
    throw new Error(`HTTP ${status}: the redirect to ${textOf(headers['location'])} was not followed`)
  }
  const decoded = (): Promise<Uint8Array> => body.then((bytes) => decode(bytes, textOf(headers['content-encoding'])))
  const text = async (): Promise<string> => Buffer.from(await decoded()).toString()
  return { status, statusText: STATUS_CODES[status] ?? '', headers, text, arrayBuffer: decoded }
}

interface Dispatched {
  readonly status: number
  readonly headers: DispatchedHeaders
  readonly body: Promise<Uint8Array>
}

function dispatch(url: string, { dispatcher, signal, headers, ...request }: CcxtRequest): Promise<Dispatched> {
  const { origin, pathname, search } = new URL(url)
  const named = 'Accept-Encoding' in headers || 'accept-encoding' in headers
  const accepted = named ? headers : { ...headers, 'Accept-Encoding': 'gzip, deflate, br' }
  return new Promise((resolve, reject) => {
    const body = new Promise<Uint8Array>((whole, broken) => {
      const pieces: Uint8Array[] = []
      let started: DispatchController | undefined
      const fail = (error: Error): void => {
        reject(error)
        broken(error)
      }
      signal.addEventListener('abort', () => {
        // Without a connection there is nothing to stop yet, and nothing to wait for.
        if (started === undefined) fail(reasonOf(signal))
        else started.abort(reasonOf(signal))
      })
      const handler: DispatchHandler = {
        onRequestStart(controller) {
          started = controller
          if (signal.aborted) controller.abort(reasonOf(signal))
        },
        onResponseStart(_, status, answered) {
          // Below 200 it only says that an answer is going to come.
          if (status >= 200) resolve({ status, headers: answered, body })
        },
        onResponseData(_, piece) {
          pieces.push(piece)
        },
        onResponseEnd() {
          whole(joined(pieces))
        },
        onResponseError(_, error) {
          fail(error)
        },
      }
      dispatcher.dispatch({ ...request, origin, path: `${pathname}${search}`, headers: accepted }, handler)
    })
    // Without headers nobody asks for the body.
    body.catch(() => undefined)
  })
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new DOMException('Aborted', 'AbortError')
}

function textOf(header: string | readonly string[] | undefined): string {
  return typeof header === 'string' ? header : (header?.join(', ') ?? '')
}

/** In memory of its own: pieces are parts of what a socket has read, headers and all. */
function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const body = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    body.set(piece, at)
    at += piece.length
  }
  return body
}

function decode(body: Uint8Array, encoding: string): Uint8Array {
  const decoder = body.length === 0 ? undefined : DECODERS[encoding]
  return decoder === undefined ? body : decoder(body)
}
