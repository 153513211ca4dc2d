import { LakeError } from '@lake/core'

/** Where venues are reached instead of at their own addresses; by exchange, and `*` for those that are not named. */
export type VenueUrls = Readonly<Record<string, string>>

/** Holds addresses for everything that this process, and those that it starts, asks of venues. */
const VARIABLE = 'LAKE_VENUE_URLS'

const PATTERN = /^([a-z][a-z0-9]*|\*)=(https?:\/\/.+)$/

/**
 * The addresses of `exchange=url` texts.
 *
 * @param origin the option or variable that they come from, for the error
 * @throws {@link LakeError} `BAD_REQUEST` when one is no `exchange=url`.
 *
 * @example
 * parseVenueUrls(['binance=http://127.0.0.1:8080'], '--venue-url') // { binance: 'http://127.0.0.1:8080' }
 */
export function parseVenueUrls(texts: readonly string[], origin: string): VenueUrls {
  const urls: Record<string, string> = {}
  for (const text of texts) {
    const [, exchange, url] = PATTERN.exec(text) ?? []
    if (exchange === undefined || url === undefined) {
      throw new LakeError(
        'BAD_REQUEST',
        `${origin} takes exchange=url, as in binance=http://127.0.0.1:8080, not '${text}'.`,
        { details: { option: origin, value: text } },
      )
    }
    urls[exchange] = url
  }
  return urls
}

/**
 * Where a venue is reached: at the address that is given for it, then at that of the environment's `LAKE_VENUE_URLS`
 * (`exchange=url`, divided by spaces, `*` for every other venue), else at its own, for `undefined`.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when the variable has something else in it.
 */
export function venueUrl(exchange: string, given: VenueUrls = {}): string | undefined {
  const texts = (process.env[VARIABLE] ?? '').split(/\s+/).filter((text) => text !== '')
  const environment = parseVenueUrls(texts, VARIABLE)
  return given[exchange] ?? given['*'] ?? environment[exchange] ?? environment['*']
}
