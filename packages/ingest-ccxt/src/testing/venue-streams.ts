import type { IncomingMessage, Server } from 'node:http'
import { WebSocket, WebSocketServer } from 'ws'
import type { VenueMarket } from './venue-routes.ts'

/** One frame of a stream. */
export interface VenueFrame {
  /** As in `btcusdt@aggTrade` or `!forceOrder@arr`. */
  readonly stream: string
  /** The market that sends it; every market when absent. */
  readonly market?: VenueMarket | undefined
  /** The JSON of the event. */
  readonly data: string
}

export interface VenueStreamOptions {
  /** Frames that every new subscription of their stream gets, in this order. */
  readonly frames?: readonly VenueFrame[] | undefined
  /** Milliseconds between two frames. 0 when absent. */
  readonly frameMillis?: number | undefined
  /** Milliseconds between pings of the server: 180,000 when absent. Who has not answered the last one is cut off. */
  readonly pingMillis?: number | undefined
}

/** What a client is subscribed to. */
export interface VenueConnection {
  readonly path: string
  readonly streams: readonly string[]
  /** How many pings of the server it answered. */
  readonly pongs: number
}

export interface VenueStreams {
  /** The clients that are connected. */
  readonly connections: readonly VenueConnection[]
  /** How many clients came so far. */
  readonly connected: number
  /** Sends a frame to all who are subscribed to its stream; gives how many those are. */
  send(frame: VenueFrame): number
  /** Sends a text as it is to every client, whatever it is subscribed to. */
  sendText(text: string): void
  /** Cuts every connection, without a word unless a close code is given. */
  drop(code?: number): void
  /** Connections stay open, but nothing is sent or answered any more, until `false` is given. */
  freeze(frozen: boolean): void
}

interface Client {
  readonly socket: WebSocket
  readonly path: string
  readonly market: VenueMarket | undefined
  /** True on `/stream`, where frames are wrapped with the name of their stream. */
  readonly combined: boolean
  readonly streams: Set<string>
  pongs: number
  isAlive: boolean
}

/** Adds Binance's streams to a server: `/ws/<stream>`, `/stream?streams=a/b`, SUBSCRIBE messages, pings. */
export function openStreams(server: Server, options: VenueStreamOptions): VenueStreams {
  const { frames = [], frameMillis = 0, pingMillis = 180_000 } = options
  const clients = new Set<Client>()
  const state = { connected: 0, frozen: false }
  const sockets = new WebSocketServer({ noServer: true, autoPong: false })

  const replay = (client: Client, streams: readonly string[]): void => {
    const due = frames.filter((frame) => streams.includes(frame.stream) && isOf(client, frame))
    const next = (index: number): void => {
      const frame = due[index]
      if (frame === undefined || client.socket.readyState !== WebSocket.OPEN) return
      if (client.streams.has(frame.stream) && !state.frozen) client.socket.send(textOf(client, frame))
      // Each in a turn of its own, as frames come over a network.
      setTimeout(next, frameMillis, index + 1).unref()
    }
    setTimeout(next, frameMillis, 0).unref()
  }

  const welcome = (socket: WebSocket, request: IncomingMessage): void => {
    const client = clientOf(socket, request)
    clients.add(client)
    state.connected++
    const timer = setInterval(() => {
      if (state.frozen) return
      if (!client.isAlive) {
        // An answer may have come that was not read yet.
        setImmediate(() => {
          if (!client.isAlive) socket.terminate()
        })
        return
      }
      client.isAlive = false
      socket.ping(String(Date.now()))
    }, pingMillis)
    timer.unref()
    socket.on('pong', () => {
      client.pongs++
      client.isAlive = true
    })
    socket.on('ping', (data) => {
      if (!state.frozen) socket.pong(data)
    })
    socket.on('close', () => {
      clearInterval(timer)
      clients.delete(client)
    })
    // A broken connection is followed by `close`.
    socket.on('error', () => undefined)
    socket.on('message', (data: Buffer) => {
      if (state.frozen) return
      const before = new Set(client.streams)
      socket.send(reply(client, data.toString()))
      replay(client, [...client.streams].filter((stream) => !before.has(stream))) // prettier-ignore
    })
    replay(client, [...client.streams])
  }

  server.on('upgrade', (request, socket, head) => {
    if (!STREAM_PATH.test(pathOf(request))) {
      socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n')
      return
    }
    sockets.handleUpgrade(request, socket, head, (accepted) => {
      welcome(accepted, request)
    })
  })

  return {
    get connections() {
      return [...clients].map(({ path, streams, pongs }) => ({ path, streams: [...streams], pongs }))
    },
    get connected() {
      return state.connected
    },
    send(frame) {
      const due = [...clients].filter((client) => client.streams.has(frame.stream) && isOf(client, frame))
      if (state.frozen) return 0
      for (const client of due) client.socket.send(textOf(client, frame))
      return due.length
    },
    sendText(text) {
      for (const { socket } of clients) socket.send(text)
    },
    drop(code) {
      for (const { socket } of clients) {
        if (code === undefined) socket.terminate()
        else socket.close(code)
      }
    },
    freeze(frozen) {
      state.frozen = frozen
    },
  }
}

/** `/um/ws`, `/um/public/ws/0`, `/stream`: what stands before `ws` or `stream` is the market, if it names one. */
const STREAM_PATH = /^\/(?:(spot|um|cm)\/)?(?:(?:public|market)\/)?(ws|stream)(?:\/(.*))?$/

function pathOf(request: IncomingMessage): string {
  return new URL(request.url ?? '/', 'ws://127.0.0.1').pathname
}

function clientOf(socket: WebSocket, request: IncomingMessage): Client {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'ws://127.0.0.1')
  const [, place, kind, rest = ''] = STREAM_PATH.exec(pathname) ?? []
  const names = [...rest.split('/'), ...(searchParams.get('streams') ?? '').split('/')].map(decodeURIComponent)
  const market = (['spot', 'um', 'cm'] as const).find((name) => name === place)
  const streams = new Set(names.filter((name) => name !== ''))
  return { socket, path: pathname, market, combined: kind === 'stream', streams, pongs: 0, isAlive: true }
}

function isOf(client: Client, { market }: VenueFrame): boolean {
  return market === undefined || client.market === undefined || client.market === market
}

function textOf({ combined }: Client, { stream, data }: VenueFrame): string {
  return combined ? `{"stream":${JSON.stringify(stream)},"data":${data}}` : data
}

/** Does what a message asks for, and says what Binance says to it. */
function reply(client: Client, text: string): string {
  const message = readMessage(text)
  if (message === undefined) return '{"code":3,"msg":"Invalid JSON: expected value at line 1 column 1"}'
  const { method, params, id } = message
  if (method === 'SUBSCRIBE') for (const stream of params) client.streams.add(stream)
  else if (method === 'UNSUBSCRIBE') for (const stream of params) client.streams.delete(stream)
  else if (method === 'LIST_SUBSCRIPTIONS') return JSON.stringify({ result: [...client.streams], id })
  else return JSON.stringify({ error: { code: 2, msg: `Invalid request: unknown variant \`${method}\`` }, id })
  return JSON.stringify({ result: null, id })
}

interface Message {
  readonly method: string
  readonly params: readonly string[]
  readonly id: unknown
}

function readMessage(text: string): Message | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  const members = new Map<string, unknown>(Object.entries(value ?? {}))
  const params = members.get('params')
  return {
    method: String(members.get('method')),
    params: Array.isArray(params) ? params.map(String) : [],
    id: members.get('id') ?? null,
  }
}
