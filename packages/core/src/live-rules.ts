import type { DatasetId } from './dataset-id.ts'
import type { PageFormat } from './page-format.ts'
import type { DataType, Market } from './vocabulary.ts'

/**
 * Where a live stream comes from.
 *
 * - `ccxt`: a `watch…` method of one of ccxt's exchanges, called with the symbol
 * - `websocket`: an address, and the messages that subscribe; the frames that come are taken as they are
 */
export type LiveEndpoint =
  | { readonly kind: 'ccxt'; readonly exchange: string; readonly method: string }
  | {
      readonly kind: 'websocket'
      readonly url: string
      /** The messages to send after connecting, so that the frames of the datasets come. */
      subscribe(datasets: readonly DatasetId[]): readonly string[]
      /** A message to send now and then where the venue asks clients for it. */
      readonly ping?: { readonly message: string; readonly everyMicros: number } | undefined
    }

/** One kind of live stream. */
export interface LiveChannel {
  /** As in `binance-um-force-orders`; names the frames in bronze, so it never changes. */
  readonly id: string
  readonly dataType: DataType
  readonly markets: readonly Market[]
  readonly endpoint: LiveEndpoint
  /** Which frames hold rows, and what they look like; a page is one frame. */
  readonly format: PageFormat
  /** The path of the field that names the symbol, from the frame's root; absent when every frame is the dataset's. */
  readonly symbolField?: string | undefined
  /** True when the stream is a sample, so that what did not come may still have happened. */
  readonly sample?: boolean | undefined
  /** Where the frames are documented or recorded, in words. */
  readonly evidence: string
}

/** What a venue sends live. Pure: whoever records opens the connections. */
export interface LiveRules {
  readonly channels: readonly LiveChannel[]
}
