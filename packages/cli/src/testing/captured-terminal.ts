import { Readable } from 'node:stream'
import type { Terminal } from '../terminal.ts'

/** A terminal that keeps what is written to it. */
export interface CapturedTerminal extends Terminal {
  readonly stdout: () => string
  readonly stdoutBytes: () => Uint8Array
  readonly stderr: () => string
}

export function capturedTerminal(options: Partial<Terminal> = {}): CapturedTerminal {
  const out: Uint8Array[] = []
  let err = ''
  const bytes = (): Uint8Array => Buffer.concat(out)
  return {
    out: (text) => out.push(typeof text === 'string' ? Buffer.from(text) : text),
    input: () => Readable.from([]),
    err: (text) => {
      err += text
    },
    isInteractive: false,
    outIsScreen: false,
    columns: 100,
    hasColors: false,
    ...options,
    stdout: () => new TextDecoder().decode(bytes()),
    stdoutBytes: bytes,
    stderr: () => err,
  }
}
