import type { CommandGroup } from './command-group.ts'
import type { GapsCommandOptions } from './gaps-command.ts'
import type { HealCommandOptions } from './heal-command.ts'
import { withHeld, withHeldDatasets } from './held-options.ts'
import { policyOption } from './policy-option.ts'
import type { RecordCommandOptions } from './record-command.ts'
import type { SymbolsCommandOptions } from './symbols-command.ts'
import type { UpdateCommandOptions } from './update-command.ts'
import { withHealing, withVenue } from './venue-options.ts'

/** Adds the commands about what is missing and what is new, which venues are asked for. */
export function addVenueCommands({ program, common, context, conclude }: CommandGroup): void {
  withHeld(common(program.command('gaps')))
    .description('List the rows that are missing, why, and what could supply them.')
    .action(async (options: GapsCommandOptions) => {
      const { gapsCommand } = await import('./gaps-command.ts')
      conclude(await gapsCommand(options, context))
    })
  withVenue(withHeld(common(program.command('heal'))))
    .description('Ask the venues for the rows that are missing, and fill the gaps with what they have.')
    .option('--budget <gaps>', 'ask for at most so many gaps of a dataset')
    .addOption(policyOption())
    .action(async (options: HealCommandOptions) => {
      const { healCommand } = await import('./heal-command.ts')
      conclude(await healCommand(options, context))
    })
  withVenue(withHealing(withHeldDatasets(common(program.command('update')))))
    .description('Bring the newest rows of datasets from their venues, and fill older gaps.')
    .option('--from <time>', 'where to begin with a dataset that the lake does not hold yet')
    .option('--to <time>', 'where to end; now without it')
    .option(
      '--lookback <time>',
      'ask again for so much of what is there, since young rows are corrected; an hour without it',
    )
    .option(
      '--commit-every <time>',
      'let pages gather in bronze and write silver when it lags by so much; 0 always',
      '1h',
    )
    .addOption(policyOption())
    .option('--every <pause>', 'again and again, as in 1m, until interrupted')
    .action(async (options: UpdateCommandOptions) => {
      const { updateCommand } = await import('./update-command.ts')
      conclude(await updateCommand(options, context))
    })
  withVenue(common(program.command('record')))
    .description('Record what a venue sends live, until interrupted: bronze at once, silver every hour and at the end.')
    .requiredOption(
      '--dataset <id...>',
      'of one exchange, as in binance/um/liquidations/BTCUSDT; - reads them from standard input',
    )
    .option('--spool <folder>', 'where frames wait on their way to bronze; keep it after a crash', 'lake-spool')
    .option('--for <time>', 'stop after so long, as in 10m')
    .option('--rotate-every <time>', 'put a file of frames into bronze this often', '1h')
    .action(async (options: RecordCommandOptions) => {
      const { recordCommand } = await import('./record-command.ts')
      conclude(await recordCommand(options, context))
    })
  withVenue(common(program.command('symbols')))
    .description(
      'List what a venue trades, and what it traded once: its own list, and what its archive was seen to have.',
    )
    .option('--exchange <name>', 'the venue', 'binance')
    .requiredOption('--market <market>', 'spot, um, cm or option')
    .option(
      '--as-of <time>',
      'only what could be traded then, by the clock of the market; what was delisted since is among it',
    )
    .option('--no-ask', 'go by the last answer and the inventory of the archive, and ask nobody')
    .action(async (options: SymbolsCommandOptions) => {
      const { symbolsCommand } = await import('./symbols-command.ts')
      conclude(await symbolsCommand(options, context))
    })
}
