import { DECIMALS } from '@lake/pipeline'
import { Option } from 'commander'
import type { CommandGroup } from './command-group.ts'
import type { DiscoverCommandOptions } from './discover-command.ts'
import { withHeldDatasets } from './held-options.ts'
import { policyOption } from './policy-option.ts'
import type { QuarantineCommandOptions } from './quarantine-command.ts'
import type { RunCommandOptions } from './run-command.ts'
import { withScope } from './scope-options.ts'
import { withSource } from './source-options.ts'
import type { SyncCommandOptions } from './sync-command.ts'
import { TRANSFER_MODES } from './transfer-modes.ts'
import type { TransfersCommandOptions } from './transfers-command.ts'
import { withHealing, withVenue } from './venue-options.ts'
import type { VerifyCommandOptions } from './verify-command.ts'

/** Adds the commands that bring archives in, and those about what they brought. */
export function addArchiveCommands({ program, common, context, conclude }: CommandGroup): void {
  withSource(withVenue(withHealing(common(program.command('run')))))
    .description(
      'Bring datasets from an archive through bronze and silver to gold, and fill gaps from the venues; only what is new.',
    )
    .requiredOption(
      '--dataset <id...>',
      'exchange/market/dataType/symbol[/interval], as in binance/spot/klines/BTCUSDT/1m; - reads them from standard input',
    )
    .option('--from <date>', 'the first day, 2024-01-01; the whole archive without --from and --to')
    .option('--to <date>', 'the day after the last one (closed-open)')
    .option('--gold <intervals>', 'the intervals of gold bars, or none', '5m,1h,1d')
    .addOption(policyOption())
    .addOption(
      new Option(
        '--decimals <kind>',
        'prices and sizes as float64, or exact as DECIMAL(38, 18); as the dataset has them without it',
      ).choices(DECIMALS),
    )
    .option(
      '--quarantine-limit <share>',
      'refuse a file with a larger share of bad lines; fewer are put aside (default: 0.1%)',
    )
    .option('--bandwidth <rate>', 'at most so many bytes a second through this machine, as in 20MB')
    .option('--dry-run', 'print what would be taken and why, and move nothing')
    .action(async (options: RunCommandOptions) => {
      const { runCommand } = await import('./run-command.ts')
      conclude(await runCommand(options, context))
    })
  withScope(withSource(common(program.command('discover'))))
    .description('List what an archive has, remember it in the lake, and tell what changed.')
    .option('--probe', 'ask for files that are not listed yet (default for HTTP sources)')
    .option('--no-probe', 'believe the listing')
    .option('--checksums', 'read the published sha256 of each new file: one request each')
    .option('--every <pause>', 'again and again, as in 4h, until interrupted')
    .action(async (options: DiscoverCommandOptions) => {
      const { discoverCommand } = await import('./discover-command.ts')
      conclude(await discoverCommand(options, context))
    })
  withScope(withSource(common(program.command('sync'))))
    .description('Take files of an archive into bronze, in the fastest way that is legal, and no further.')
    .option('--dataset <id...>', 'only these, as in binance/spot/klines/BTCUSDT/1m; - reads them from standard input')
    .addOption(
      new Option('--mode <mode>', 'copy within the server, or through this machine')
        .choices(TRANSFER_MODES)
        .default('auto'),
    )
    .option('--bandwidth <rate>', 'at most so many bytes a second through this machine, as in 20MB')
    .option('--dry-run', 'print what would be taken, how and why, and move nothing')
    .action(async (options: SyncCommandOptions) => {
      const { syncCommand } = await import('./sync-command.ts')
      conclude(await syncCommand(options, context))
    })
  common(program.command('transfers'))
    .description('Tell what each sync has moved, which way, how fast, and what it would have cost the other way.')
    .option('--last <count>', 'only so many, the newest', '20')
    .action(async (options: TransfersCommandOptions) => {
      const { transfersCommand } = await import('./transfers-command.ts')
      conclude(await transfersCommand(options, context))
    })
  common(program.command('verify'))
    .description('Read every byte of the lake again and compare it with checksums and manifests.')
    .option('--source <url>', 'where damaged bronze files are fetched from once more')
    .action(async (options: VerifyCommandOptions) => {
      const { verifyCommand } = await import('./verify-command.ts')
      conclude(await verifyCommand(options, context))
    })
  withHeldDatasets(common(program.command('quarantine')))
    .description('List the lines that runs have put aside as bad, and why.')
    .option('--replay', 'read their files again: what is right by now becomes rows')
    .action(async (options: QuarantineCommandOptions) => {
      const { quarantineCommand } = await import('./quarantine-command.ts')
      conclude(await quarantineCommand(options, context))
    })
}
