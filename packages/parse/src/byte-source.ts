/** Bytes as they come, taken in the portions that a reader wants, never more than one chunk ahead. */
export class ByteSource {
  readonly #chunks: AsyncIterator<Uint8Array>
  #rest: Uint8Array = new Uint8Array(0)

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  /** The next `length` bytes in one piece; fewer only at the end. */
  async take(length: number): Promise<Buffer> {
    const pieces: Uint8Array[] = []
    for await (const piece of this.pieces(length)) pieces.push(piece)
    return Buffer.concat(pieces)
  }

  /** The next `length` bytes, as they come; fewer only at the end. */
  async *pieces(length: number): AsyncGenerator<Uint8Array, void, undefined> {
    let left = length
    while (left > 0) {
      if (this.#rest.length === 0) {
        const next = await this.#chunks.next()
        if (next.done === true) return
        this.#rest = next.value
      }
      const piece = this.#rest.subarray(0, left)
      this.#rest = this.#rest.subarray(piece.length)
      left -= piece.length
      yield piece
    }
  }

  /** Lets the rest pass. */
  async drain(): Promise<void> {
    this.#rest = new Uint8Array(0)
    while ((await this.#chunks.next()).done !== true) continue
  }

  /** Closes the source. */
  async close(): Promise<void> {
    await this.#chunks.return?.()
  }
}
