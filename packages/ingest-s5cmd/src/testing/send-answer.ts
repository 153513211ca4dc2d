import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ArchiveAnswer } from './answer-request.ts'
import type { ArchiveFault } from './archive-fault.ts'

export interface SendOptions {
  readonly isHead: boolean
  readonly fault: ArchiveFault | undefined
  readonly onBytes: (bytes: number) => void
}

/** Sends an answer with what a fault makes of it. Rejects when the client goes away first. */
export async function sendAnswer(response: ServerResponse, answer: ArchiveAnswer, options: SendOptions): Promise<void> {
  const { isHead, fault, onBytes } = options
  const isCut = fault?.kind === 'truncate' || fault?.kind === 'reset' || fault?.kind === 'stall'
  const sent = isCut ? Math.min(fault.bytes, answer.length) : answer.length
  if (fault?.kind === 'reset' && sent === 0) {
    response.destroy()
    return
  }
  const length = fault?.kind === 'truncate' ? sent : answer.length
  response.writeHead(answer.status, { ...answer.headers, 'content-length': length })
  response.flushHeaders()
  if (isHead) {
    response.end()
    return
  }
  const flipped = fault?.kind === 'corrupt' ? fault.offset : -1
  const body = Readable.from(bodyFor(answer.body, { sent, flipped, onBytes }))
  const isLeftOpen = fault?.kind === 'reset' || fault?.kind === 'stall'
  await pipeline(body, response, { end: !isLeftOpen })
  if (fault?.kind === 'reset') response.destroy()
}

interface BodyOptions {
  readonly sent: number
  /** The offset of the byte whose lowest bit is flipped; negative for none. */
  readonly flipped: number
  readonly onBytes: (bytes: number) => void
}

async function* bodyFor(
  body: AsyncIterable<Uint8Array>,
  { sent, flipped, onBytes }: BodyOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  let offset = 0
  for await (const chunk of body) {
    const part = Buffer.from(chunk.subarray(0, sent - offset))
    const at = flipped - offset
    if (at >= 0 && at < part.length) part.writeUInt8(part.readUInt8(at) ^ 1, at)
    offset += part.length
    onBytes(part.length)
    yield part
    if (offset >= sent) return
  }
}
