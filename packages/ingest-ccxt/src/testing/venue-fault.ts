/** Something that goes wrong with one request. */
export type VenueFault =
  /** The page before this one again. */
  | { readonly kind: 'repeat' }
  /** Only the first rows of the page. */
  | { readonly kind: 'short'; readonly rows: number }
  | { readonly kind: 'empty' }
  /** An error instead of a page: 451 and 503 come with what Binance says then, others with `body`. */
  | {
      readonly kind: 'status'
      readonly status: number
      readonly body?: string | undefined
      readonly retryAfter?: number | undefined
    }
  /** These bytes instead of the page, with status 200. */
  | { readonly kind: 'body'; readonly body: string }
  /** No answer at all; or nothing after the first bytes of it. */
  | { readonly kind: 'stall'; readonly afterBytes?: number | undefined }
  /** The connection is cut; after the first bytes of the answer where said. */
  | { readonly kind: 'cut'; readonly afterBytes?: number | undefined }

/** A request as the venue saw it. */
export interface VenueRequest {
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  /** 1 for the first request of all. */
  readonly number: number
  /** 1 for the first request for the same rows. */
  readonly turn: number
}

/** What Binance says with a status. */
export const STATUS_BODIES: Readonly<Partial<Record<number, string>>> = {
  451: '{"code":0,"msg":"Service unavailable from a restricted location according to \'b. Eligibility\' in https://www.binance.com/en/terms. Please contact customer service if you believe you received this message in error."}',
  503: '{"code":-1000,"msg":"Unknown error, please check your request or try again later."}',
}
