import type { Agent } from 'node:http'
import type { DatasetId, LiveEndpoint } from '@lake/core'
import { environmentTunnels } from '@lake/storage'
import WebSocket from 'ws'
import type { LinkEnd, LinkEvents, LinkTiming, LiveLink } from './live-link.ts'

/** A frame that is larger ends the connection. */
const LARGEST_FRAME = 16 * 2 ** 20
/** The close code for connections that ended without one: whether something was missed is unknown. */
const ABNORMAL = 1006

export interface WebSocketLinkOptions {
  readonly endpoint: Extract<LiveEndpoint, { readonly kind: 'websocket' }>
  /** Where to connect to: the endpoint's address, or one that stands for it. */
  readonly url: string
  readonly datasets: readonly DatasetId[]
  readonly timing: LinkTiming
}

/** A plain WebSocket, by way of the proxy that the environment names: frames are the bytes that the venue sent. */
export function webSocketLink(options: WebSocketLinkOptions): LiveLink {
  const { url } = options
  return {
    url,
    async connect(events, signal) {
      const tunnelTo = await environmentTunnels()
      return connect(options, tunnelTo(url), events, signal)
    },
  }
}

function connect(
  { endpoint, url, datasets, timing }: WebSocketLinkOptions,
  agent: Agent | undefined,
  events: LinkEvents,
  signal: AbortSignal,
): Promise<LinkEnd> {
  return new Promise<LinkEnd>((resolve) => {
    const messages = endpoint.subscribe(datasets)
    const socket = new WebSocket(url, { agent, maxPayload: LARGEST_FRAME, perMessageDeflate: false })
    let [answers, isOver, isHeard] = [0, false, true]
    let silentMicros = 0
    const timers: NodeJS.Timeout[] = []

    const end = (how: LinkEnd): void => {
      if (isOver) return
      isOver = true
      for (const timer of timers) clearInterval(timer)
      signal.removeEventListener('abort', abort)
      if (how.isOrderly) socket.close()
      // Whoever does not close in time is cut off.
      setTimeout(() => { socket.terminate() }, how.isOrderly ? 1000 : 0).unref() // prettier-ignore
      resolve(how)
    }
    const abort = (): void => {
      end({ reason: reasonOf(signal), isOrderly: true })
    }
    const every = (micros: number, work: () => void): void => {
      timers.push(setInterval(work, micros / 1000))
    }
    const hear = (): void => {
      isHeard = true
      if (!isOver) events.alive()
    }
    const answer = (content: unknown): boolean => {
      const said = endpoint.answer?.(content)
      if (said === undefined) return false
      if (said.kind === 'refused') {
        end({ reason: `the venue refuses the subscription: ${said.reason}`, isOrderly: true, fatal: 'refused' })
      } else if (said.kind === 'accepted' && ++answers === messages.length) events.covered()
      return true
    }

    signal.addEventListener('abort', abort, { once: true })
    const isSubscribed = (): boolean => answers >= messages.length
    timers.push(
      setTimeout(() => {
        if (socket.readyState !== WebSocket.OPEN || (endpoint.answer !== undefined && !isSubscribed())) {
          end({ reason: 'connecting and subscribing took too long', isOrderly: false })
        }
      }, timing.connectMicros / 1000),
    )
    socket.on('open', () => {
      for (const message of messages) socket.send(message)
      if (endpoint.answer === undefined || messages.length === 0) events.covered()
      every(timing.pingMicros, () => {
        silentMicros = isHeard ? 0 : silentMicros + timing.pingMicros
        isHeard = false
        if (silentMicros >= timing.stallMicros) end({ reason: 'the connection was silent', isOrderly: false })
        else socket.ping()
      })
      const { ping } = endpoint
      if (ping !== undefined) every(ping.everyMicros, () => { socket.send(ping.message) }) // prettier-ignore
    })
    socket.on('ping', hear)
    socket.on('pong', hear)
    socket.on('message', (data: Buffer) => {
      if (isOver) return
      hear()
      if (endpoint.ping?.answer === undefined || !data.equals(Buffer.from(endpoint.ping.answer))) {
        receive(data, events, answer)
      }
    })
    socket.on('close', (code, reason) => {
      const isOrderly = code !== ABNORMAL
      const words = reason.length > 0 ? `, '${reason.toString('utf8')}'` : ''
      end({ reason: isOrderly ? `the venue closed with code ${code}${words}` : 'the connection broke', isOrderly })
    })
    socket.on('unexpected-response', (_, { statusCode = 0 }) => {
      const fatal = statusCode === 451 ? 'blocked' : undefined
      end({ reason: `the venue answered with HTTP ${statusCode}`, isOrderly: true, fatal })
    })
    socket.on('error', (error) => {
      end({ reason: `the connection failed: ${error.message}`, isOrderly: false })
    })
    if (signal.aborted) abort()
  })
}

function receive(data: Buffer, events: LinkEvents, answer: (content: unknown) => boolean): void {
  let content: unknown
  try {
    content = JSON.parse(data.toString('utf8'))
  } catch {
    events.malformed(data)
    return
  }
  if (!answer(content)) events.frame(data, content)
}

function reasonOf(signal: AbortSignal): string {
  const reason: unknown = signal.reason
  return typeof reason === 'string' ? reason : 'stopped'
}
