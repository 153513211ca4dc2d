import type { DatasetId } from './dataset-id.ts'
import type { PageFormat } from './page-format.ts'
import type { SymbolSpelling } from './symbol-spelling.ts'
import type { DataType, Market } from './vocabulary.ts'

/** What a frame says about a subscription; `other` is an answer to something else, such as a ping. */
export type SubscriptionAnswer =
  { readonly kind: 'accepted' } | { readonly kind: 'refused'; readonly reason: string } | { readonly kind: 'other' }

/**
 * Where a live stream comes from.
 *
 * - `ccxt`: a `watch…` method of one of ccxt's exchanges, called with the symbol, and the interval of bars; the frames
 *   are those that ccxt receives
 * - `websocket`: an address, and the messages that subscribe; the frames that come are taken as they are
 */
export type LiveEndpoint =
  | { readonly kind: 'ccxt'; readonly exchange: string; readonly method: string }
  | {
      readonly kind: 'websocket'
      readonly url: string
      /** The messages to send after connecting, so that the frames of the datasets come; each is answered once. */
      subscribe(datasets: readonly DatasetId[]): readonly string[]
      /**
       * What a parsed frame answers to such a message; `undefined` when it is no answer. Without this function the
       * venue answers nothing, and the stream counts as subscribed once the messages are sent.
       */
      answer?(frame: unknown): SubscriptionAnswer | undefined
      /** The most datasets of a connection. No bound when absent. */
      readonly maxDatasets?: number | undefined
      /** A message to send now and then where the venue asks clients for it, and its answer where that is no JSON. */
      readonly ping?:
        { readonly message: string; readonly everyMicros: number; readonly answer?: string | undefined } | undefined
    }

/** One kind of live stream: where it is, and how its frames are told apart. */
export interface LiveStream {
  /** As in `binance-ws-um-force-orders`, unlike any series of pages; names the frames in bronze, so it never changes. */
  readonly id: string
  /** What it is a source of, or what it foretells: by this it is recorded. */
  readonly dataType: DataType
  readonly markets: readonly Market[]
  readonly endpoint: LiveEndpoint
  /**
   * What a frame of the dataset says about itself: the texts or numbers of fields, by their paths from the frame's root, `*` for
   * every member, as in `{ stream: 'btcusdt@forceOrder' }`. Every dataset of the channel names the same fields.
   * `undefined` when the channel does not have that dataset, such as an interval it lacks.
   */
  topic(dataset: DatasetId): Readonly<Record<string, string>> | undefined
  /** How those texts write the symbol, where that is otherwise than in the dataset. */
  readonly spelling?: SymbolSpelling | undefined
  /** True when the stream is a sample, so that what did not come may still have happened. */
  readonly sample?: boolean | undefined
  /** Where the frames are documented or recorded, in words. */
  readonly evidence: string
}

/** A live stream whose frames hold rows of a silver table. */
export interface LiveChannel extends LiveStream {
  /**
   * Where the rows of a frame are, and what they look like; a page is one frame. Only rows that are final, such as
   * bars that are closed: frames say so themselves, no clock is asked.
   */
  readonly format: PageFormat
}

/** What a venue sends live. Pure: whoever records opens the connections. */
export interface LiveRules {
  readonly channels: readonly LiveChannel[]
  /**
   * Streams that no table holds, such as the funding rate that is expected at this moment: recorded like the others,
   * with the times that they cover, and left as frames.
   */
  readonly rawStreams?: readonly LiveStream[] | undefined
}
