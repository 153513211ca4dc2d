import type { ObjectStore } from '@lake/core'

/** What a transfer has cost so far; the numbers keep growing. */
export interface TransferTally {
  /** Requests to both ends, as far as this side knows: what s5cmd tries again by itself, it does not tell. */
  requests: number
  /** Payload bytes that came to this machine. */
  bytesThroughClient: number
  /** Payload bytes that were written to a disk of this machine on the way. */
  localBytes: number
  retries: number
}

/** A tally that starts at nothing. */
export function emptyTally(): TransferTally {
  return { requests: 0, bytesThroughClient: 0, localBytes: 0, retries: 0 }
}

/** A listing comes in pages of a thousand. */
const PAGE = 1000

/** The same store, with its requests counted. */
export function talliedStore(inner: ObjectStore, tally: TransferTally): ObjectStore {
  return {
    url: inner.url,
    async *list(options) {
      let entries = 0
      for await (const info of inner.list(options)) {
        if (entries % PAGE === 0) tally.requests++
        entries++
        yield info
      }
      if (entries % PAGE === 0) tally.requests++
    },
    async head(key, options) {
      tally.requests++
      return inner.head(key, options)
    },
    async get(key, options) {
      tally.requests++
      return inner.get(key, options)
    },
    async put(key, body, options) {
      tally.requests++
      return inner.put(key, body, options)
    },
    async delete(key, options) {
      tally.requests++
      await inner.delete(key, options)
    },
  }
}
