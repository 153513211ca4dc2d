import { type Command, Option } from 'commander'

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
      'where a venue is reached instead of at its own address, as in binance=http://127.0.0.1:8080; * for all others',
    )
    .option('--budget-share <part>', 'the part of each venue’s rate limit to spend, above 0 and up to 1')
}

/** Options of commands that ask venues for gaps besides what they are there for. */
export interface HealingOptions {
  readonly heal: boolean
  readonly healBudget?: string | undefined
}

/** Adds them to a command. */
export function withHealing(command: Command): Command {
  return command
    .addOption(new Option('--heal').default(true).hideHelp())
    .option('--no-heal', 'do not ask the venues for the rows that are missing')
    .option('--heal-budget <gaps>', 'ask for at most so many gaps, and so many thousands of rows (default: 100)')
}
