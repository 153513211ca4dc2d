import { LakeError } from '@lake/core'
import type { VenueConfig } from '@lake/pipeline'
import type { Command } from 'commander'

/** The options of commands that ask a venue's REST interface. */
export interface VenueOptions {
  readonly venueUrl?: readonly string[] | undefined
  readonly budgetShare?: string | undefined
}

/** Adds them to a command. */
export function withVenue(command: Command): Command {
  return command
    .option(
      '--venue-url <exchange=url...>',
      'where a venue is reached instead of at its own address, as in binance=http://127.0.0.1:8080',
    )
    .option('--budget-share <part>', 'the part of each venue’s rate limit to spend, above 0 and up to 1')
}

/**
 * How the venues are reached.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when an option is no `exchange=url`, or no part of a budget.
 */
export function venueAccess({ venueUrl = [], budgetShare }: VenueOptions): VenueConfig {
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
  return { urls, share: budgetShare === undefined ? undefined : shareOf(budgetShare) }
}

function shareOf(text: string): number {
  const share = Number(text)
  if (share > 0 && share <= 1) return share
  throw new LakeError('BAD_REQUEST', `--budget-share is above 0 and at most 1, as in 0.5, not '${text}'.`, {
    details: { option: '--budget-share', value: text },
  })
}
