import { type FileHandle, open } from 'node:fs/promises'

/** How many bytes of all files wait for the disk. */
export interface PendingBytes {
  bytes: number
}

/** A file that is only appended to: what is appended waits in memory until the next flush. */
export class SpoolFile {
  readonly path: string
  /** Appended so far. */
  bytes = 0
  readonly #pending: PendingBytes
  #chunks: Buffer[] = []
  #handle: FileHandle | undefined
  #writing: Promise<void> | undefined

  constructor(path: string, pending: PendingBytes) {
    this.path = path
    this.#pending = pending
  }

  append(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.bytes += chunk.length
    this.#pending.bytes += chunk.length
  }

  /** Writes what waits. At most one write is under way; what is appended meanwhile goes with the next. */
  async flush(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing
    if (this.#chunks.length === 0) return
    this.#writing = this.#write(this.#chunks)
    this.#chunks = []
    try {
      await this.#writing
    } finally {
      this.#writing = undefined
    }
  }

  /** Writes what waits, and lets go of the file. */
  async close(): Promise<void> {
    try {
      await this.flush()
    } finally {
      await this.#handle?.close()
      this.#handle = undefined
    }
  }

  async #write(chunks: readonly Buffer[]): Promise<void> {
    const bytes = Buffer.concat(chunks)
    this.#handle ??= await open(this.path, 'a')
    await this.#handle.appendFile(bytes)
    this.#pending.bytes -= bytes.length
  }
}
