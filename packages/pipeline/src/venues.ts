import {
  createRateLimiter,
  createTransport,
  type CredentialsSource,
  systemClock,
  type VenueOptions,
} from '@lake/ingest-ccxt'
import { type VenueUrls, venueUrl } from './venue-urls.ts'

/** How the REST interfaces of venues are reached. */
export interface VenueConfig {
  /**
   * Scheme and host that take the place of a venue's own, by exchange, as in `{ binance: 'http://127.0.0.1:8080' }`; `*`
   * for every other venue. The environment's `LAKE_VENUE_URLS` counts for those that are not named.
   */
  readonly urls?: VenueUrls | undefined
  /** Keys, where a venue wants them; the environment's when absent. */
  readonly credentials?: CredentialsSource | undefined
  /** The part of each venue's budget that may be spent, above 0 and up to 1; all of it when absent. */
  readonly share?: number | undefined
  /** Where processes of this machine tell each other what they spend; a folder of the user's cache when absent. */
  readonly budgetFolder?: string | undefined
}

/** How long one waits for a venue. */
export interface VenuePatience {
  /** For a request in all, in milliseconds. */
  readonly deadlineMillis?: number | undefined
  /** For the servers of names, in milliseconds. */
  readonly lookupMillis?: number | undefined
  /** Tries of a request that was answered with a failure, and of one that was not answered. */
  readonly attempts?: number | undefined
  readonly connectionAttempts?: number | undefined
  /** For a pause that the venue asks for, in microseconds. */
  readonly pause?: number | undefined
}

/** Of a job whose purpose is another one: what does not answer at once is left for later. */
export const IN_PASSING: VenuePatience = {
  deadlineMillis: 3000,
  lookupMillis: 1000,
  attempts: 3,
  connectionAttempts: 1,
  pause: 5_000_000,
}

/** What is needed to ask a venue. */
type VenueAccess = Pick<VenueOptions, 'transport' | 'limiter' | 'clock' | 'attempts' | 'connectionAttempts'>

/** The venues as one job reaches them: connections are opened when they are needed, and shared. */
export interface Venues extends AsyncDisposable {
  access(exchange: string): VenueAccess
}

/** Opens the venues for a job; nothing is connected or loaded before it is asked. */
export function openVenues(
  { urls, credentials, share, budgetFolder: folder }: VenueConfig,
  now: () => number,
  { pause: patience, attempts, connectionAttempts, ...limits }: VenuePatience = {},
): Venues {
  const open = new Map<string, VenueAccess>()
  return {
    access: (exchange) => {
      const baseUrl = venueUrl(exchange, urls)
      const name = baseUrl ?? ''
      const access = open.get(name) ?? {
        transport: createTransport({ baseUrl, credentials, ...limits }),
        // Waiting takes real time, whatever the lake's clock says.
        limiter: createRateLimiter({ scope: name, share, folder, patience }),
        clock: { ...systemClock, now },
        ...{ attempts, connectionAttempts },
      }
      open.set(name, access)
      return access
    },
    [Symbol.asyncDispose]: async () => {
      for (const { transport } of open.values()) await transport?.close()
    },
  }
}
