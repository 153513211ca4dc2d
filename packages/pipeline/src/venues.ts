import {
  createRateLimiter,
  createTransport,
  type CredentialsSource,
  systemClock,
  type VenueOptions,
} from '@lake/ingest-ccxt'

/** How the REST interfaces of venues are reached. */
export interface VenueConfig {
  /** Scheme and host that take the place of a venue's own, by exchange, as in `{ binance: 'http://127.0.0.1:8080' }`. */
  readonly urls?: Readonly<Record<string, string>> | undefined
  /** Keys, where a venue wants them; the environment's when absent. */
  readonly credentials?: CredentialsSource | undefined
  /** The part of each venue's budget that may be spent, above 0 and up to 1; all of it when absent. */
  readonly share?: number | undefined
  /** Where processes of this machine tell each other what they spend; a folder of the user's cache when absent. */
  readonly budgetFolder?: string | undefined
}

/** What is needed to ask a venue. */
type VenueAccess = Pick<VenueOptions, 'transport' | 'limiter' | 'clock'>

/** The venues as one job reaches them: connections are opened when they are needed, and shared. */
export interface Venues extends AsyncDisposable {
  access(exchange: string): VenueAccess
}

/** Opens the venues for a job; nothing is connected or loaded before it is asked. */
export function openVenues(
  { urls = {}, credentials, share, budgetFolder: folder }: VenueConfig,
  now: () => number,
): Venues {
  const open = new Map<string, Required<VenueAccess>>()
  return {
    access: (exchange) => {
      const baseUrl = urls[exchange]
      const name = baseUrl ?? ''
      const access = open.get(name) ?? {
        transport: createTransport({ baseUrl, credentials }),
        // Waiting takes real time, whatever the lake's clock says.
        limiter: createRateLimiter({ scope: name, share, folder }),
        clock: { ...systemClock, now },
      }
      open.set(name, access)
      return access
    },
    [Symbol.asyncDispose]: async () => {
      for (const { transport } of open.values()) await transport?.close()
    },
  }
}
