import { createHash } from 'node:crypto'
import { LakeError } from '@lake/core'

export interface VerifyOptions {
  readonly body: AsyncIterable<Uint8Array>
  /** How many bytes it must have. */
  readonly size: number
  /** The published sha256; `undefined` where there is none. */
  readonly expected: string | undefined
  /** For messages: where it comes from and how it is called there. */
  readonly origin: string
  readonly key: string
  /** Told of each chunk: its bytes, and all so far. */
  readonly onChunk: (bytes: number, total: number) => void
  readonly signal?: AbortSignal | undefined
}

/** A stream on its way through: what it came to is known once `body` has ended. */
export interface VerifiedStream {
  readonly body: AsyncIterable<Uint8Array>
  /** Empty until the whole has passed. */
  sha256: string
  /** What `body` threw, if it did. */
  failure: unknown
}

/** Hashes a stream while it is read. At its end it throws unless it is whole and has the published sha256. */
export function verifiedStream(options: VerifyOptions): VerifiedStream {
  const stream: VerifiedStream = {
    body: { [Symbol.asyncIterator]: () => pass(options, stream) },
    sha256: '',
    failure: undefined,
  }
  return stream
}

/** The sha256 of a stream, 64 lower-case hex digits. */
export async function digestOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of body) hash.update(chunk)
  return hash.digest('hex')
}

async function* pass(options: VerifyOptions, stream: VerifiedStream): AsyncGenerator<Uint8Array, void, undefined> {
  const { body, size, expected, onChunk, signal } = options
  const hash = createHash('sha256')
  let total = 0
  try {
    for await (const chunk of body) {
      signal?.throwIfAborted()
      hash.update(chunk)
      total += chunk.length
      onChunk(chunk.length, total)
      yield chunk
    }
    if (total !== size) throw incomplete(options, total)
    const sha256 = hash.digest('hex')
    if (expected !== undefined && sha256 !== expected) throw mismatch(options, sha256, expected)
    stream.sha256 = sha256
  } catch (error) {
    stream.failure = error
    throw error
  }
}

function incomplete({ origin, key, size }: VerifyOptions, bytes: number): LakeError {
  return new LakeError(
    'UNAVAILABLE',
    `${origin}: ${key} came with ${bytes} of its ${size} bytes. Nothing was stored; try again.`,
    { details: { file: key, bytes, size } },
  )
}

function mismatch({ origin, key }: VerifyOptions, sha256: string, expected: string): LakeError {
  return new LakeError(
    'CHECKSUM_MISMATCH',
    `${origin}: ${key} has the sha256 ${sha256}, but its CHECKSUM says ${expected}. ` +
      'Nothing was stored: the lake is as it was. Try again later, because archives replace files and repair ' +
      'checksums; if it stays, the file is damaged at the source.',
    { details: { file: key, sha256, expected } },
  )
}
