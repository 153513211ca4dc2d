import type { DatasetId } from './dataset-id.ts'
import type { TimeRange } from './time-range.ts'

/** What is known about a page beside its bytes. */
export interface PageEnvelope {
  readonly dataset: DatasetId
  /** The id of the {@link RestSeries} or {@link LiveStream} that it came from. */
  readonly series: string
  /** What was asked for: method or address, and the query without secrets. */
  readonly request: { readonly method: string; readonly parameters: Readonly<Record<string, string | number>> }
  /**
   * The rows that count: those outside of it came along and belong to another page, or were not final yet. Within
   * one month.
   */
  readonly range: TimeRange
  /** Epoch microseconds by this machine's clock. */
  readonly requestedAt: number
  readonly receivedAt: number
  /**
   * Rows that were not final at this instant are not taken: by the venue's clock where it sends one, never later than
   * `requestedAt`. Whoever fetches ends `range` there too, since the name of a page tells its range, not this.
   */
  readonly asOf: number
  readonly status: number
  /** The response headers that matter: date, weight used, age. */
  readonly headers: Readonly<Record<string, string>>
  /** Of the body, lower-case hex. */
  readonly sha256: string
}

/** One answer of a venue, exactly as received. */
export interface RawPage {
  readonly envelope: PageEnvelope
  /** One JSON text. With {@link lines}, one a line, each of which counts as a page: so are recorded frames. */
  readonly body: Uint8Array
  readonly lines?: boolean | undefined
  /** When each line was received, in epoch microseconds. Without it all were at `envelope.receivedAt`. */
  readonly lineTimes?: Float64Array | undefined
  /** Where it lies in bronze, for messages; that of a REST page follows from its envelope. */
  readonly key?: string | undefined
}
