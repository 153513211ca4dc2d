import { LakeError } from '@lake/core'
import type { VenueConfig } from '@lake/pipeline'
import type { Command } from 'commander'

/** The options of commands that ask a venue's REST interface. */
export interface VenueOptions {
  readonly venueUrl?: readonly string[] | undefined
}

/** Adds them to a command. */
export function withVenue(command: Command): Command {
  return command.option(
    '--venue-url <exchange=url...>',
    'where a venue is reached instead of at its own address, as in binance=http://127.0.0.1:8080',
  )
}

/**
 * How the venues are reached.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when an option is no `exchange=url`.
 */
export function venueAccess({ venueUrl = [] }: VenueOptions): VenueConfig {
  const urls: Record<string, string> = {}
  for (const text of venueUrl) {
    const [, exchange, url] = /^([a-z][a-z0-9]*)=(https?:\/\/.+)$/.exec(text) ?? []
    if (exchange === undefined || url === undefined) {
      throw new LakeError(
        'BAD_REQUEST',
        `--venue-url takes exchange=url, as in binance=http://127.0.0.1:8080, not '${text}'.`,
        {
          details: { option: '--venue-url', value: text },
        },
      )
    }
    urls[exchange] = url
  }
  return { urls }
}
