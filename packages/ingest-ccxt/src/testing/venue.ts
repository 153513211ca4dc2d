import { createServer, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { createDesk, type VenueAnswer, type VenueDeskOptions, type VenueReply } from './venue-desk.ts'
import type { VenueMarket } from './venue-routes.ts'
import { openStreams, type VenueStreamOptions, type VenueStreams } from './venue-streams.ts'
import { type VenueUrls, venueUrls } from './venue-urls.ts'

export interface VenueOptions extends VenueDeskOptions, VenueStreamOptions {
  /** The venue's clock in epoch microseconds; this machine's when absent. Rows later than it do not exist yet. */
  readonly now?: (() => number) | undefined
  /** Milliseconds before each answer. */
  readonly latencyMillis?: number | undefined
  /** A port of its choice when absent. */
  readonly port?: number | undefined
}

export interface Venue extends AsyncDisposable, VenueStreams {
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  /** What goes into ccxt's `urls.api`: `Object.assign(exchange.urls.api, venue.urls)`. */
  readonly urls: VenueUrls
  /** Every request so far, and what became of it. */
  readonly requests: readonly VenueAnswer[]
  /** The weight spent in the current window. */
  used(market: VenueMarket): number
  close(): Promise<void>
}

/**
 * A venue on 127.0.0.1 that speaks Binance's REST and WebSocket protocols and replays real rows: page limits, inclusive
 * times, ids, weights, bans, combined streams, pings. Faults, latency, late and doubled rows come on request. ccxt
 * talks to it as it is.
 *
 * | it does | the rule is from |
 * |---|---|
 * | at most 1000 rows of spot, 1500 bars of futures, 500 statistics; longer asks are cut to that | documentation, recorded answers |
 * | with `startTime` the oldest rows, without it the newest; both times count in | recorded answers |
 * | weights by address and limit, and the header that tells; 429, then 418, with Retry-After | documentation, ccxt's table |
 * | `-4088` above 200 days of coin-margined bars, `-2014` without a key | recorded answers |
 * | statistics of the last 30 days only | documentation |
 *
 * @example
 * import { binance } from 'ccxt'
 *
 * await using venue = await startVenue({ rows: rowsFromArchive(zip, dataset) })
 * const exchange = new binance()
 * Object.assign(exchange.urls.api, venue.urls)
 */
export async function startVenue(options: VenueOptions = {}): Promise<Venue> {
  const { now = systemClock, latencyMillis = 0, port: wanted = 0 } = options
  const clock = (): number => Math.floor(now() / 1000)
  const desk = createDesk(options, clock)
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1')
    const key = request.headers['x-mbx-apikey']
    const reply = desk.reply(pathname, searchParams, typeof key === 'string' ? key : undefined)
    response.setHeader('date', new Date(clock()).toUTCString())
    if (latencyMillis === 0) send(response, reply)
    else void sleep(latencyMillis, undefined, { ref: false }).then(() => { send(response, reply) }) // prettier-ignore
  })
  const streams = openStreams(server, options)
  await new Promise<void>((resolve) => { server.listen(wanted, '127.0.0.1', resolve) }) // prettier-ignore
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const close = async (): Promise<void> => {
    streams.drop()
    await new Promise((resolve) => {
      server.close(resolve)
      server.closeAllConnections()
    })
  }
  return Object.assign(streams, {
    url: `http://127.0.0.1:${port}`,
    urls: venueUrls(port),
    requests: desk.requests,
    used: desk.used,
    close,
    [Symbol.asyncDispose]: close,
  })
}

function systemClock(): number {
  return Date.now() * 1000
}

function send(response: ServerResponse, { answer, body, used, retryAfter, fault }: VenueReply): void {
  const bytes = Buffer.from(body)
  const cutOff = fault?.kind === 'stall' || fault?.kind === 'cut' ? fault : undefined
  if (cutOff !== undefined && cutOff.afterBytes === undefined) {
    if (cutOff.kind === 'cut') response.destroy()
    return
  }
  response.setHeader('content-type', 'application/json;charset=UTF-8').setHeader('x-mbx-used-weight-1m', used)
  if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter)
  response.writeHead(answer.status, { 'content-length': bytes.length })
  if (cutOff === undefined) {
    response.end(bytes)
    return
  }
  response.write(bytes.subarray(0, cutOff.afterBytes), () => {
    if (cutOff.kind === 'cut') response.destroy()
  })
}
