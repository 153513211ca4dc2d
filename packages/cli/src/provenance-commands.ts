import type { CertifyCommandOptions } from './certify-command.ts'
import type { CommandGroup } from './command-group.ts'
import { withHeld } from './held-options.ts'
import type { LineageCommandOptions } from './lineage-command.ts'
import type { RestatementsCommandOptions } from './restatements-command.ts'
import { withSourceAccess } from './source-options.ts'
import type { VersionsCommandOptions } from './versions-command.ts'

/** Adds the commands about where rows came from, what became of them, and whether their sources agree. */
export function addProvenanceCommands({ program, common, context, conclude }: CommandGroup): void {
  withSourceAccess(
    withHeld(common(program.command('certify'))).option(
      '--source <url>',
      'also take the monthly and daily files that the lake lacks from this archive, to compare',
    ),
  )
    .description(
      'Compare what monthly files, daily files, REST, recordings, trades and finer bars say of each partition, and keep a certificate.',
    )
    .option('--recompute', 'make every certificate again from the bytes, and tell those that were altered')
    .action(async (options: CertifyCommandOptions) => {
      const { certifyCommand } = await import('./certify-command.ts')
      conclude(await certifyCommand(options, context))
    })
  common(program.command('lineage'))
    .description('Show what partitions were made of: bronze files, their hashes, the step revisions, the runs.')
    .argument(
      '<key>',
      'a Parquet file of the lake (silver/…, gold/…), or a dataset such as binance/spot/klines/BTCUSDT/1m',
    )
    .option('--month <month>', 'of a dataset, only this month, as in 2024-01')
    .option('--as-of <time>', 'as the lake stood then, by its own clock: of the versions that were the truth')
    .action(async (key: string, options: LineageCommandOptions) => {
      const { lineageCommand } = await import('./lineage-command.ts')
      conclude(await lineageCommand(key, options, context))
    })
  common(program.command('restatements'))
    .description('List what was restated: the rows that are no more what they were, and the bars that followed.')
    .option('--dataset <id...>', 'only these and the gold of their symbols; - reads them from standard input')
    .option('--from <date>', 'the first day of the rows, 2024-01-01')
    .option('--to <date>', 'the day after the last one (closed-open)')
    .action(async (options: RestatementsCommandOptions) => {
      const { restatementsCommand } = await import('./restatements-command.ts')
      conclude(await restatementsCommand(options, context))
    })
  common(program.command('versions'))
    .description('List the versions of partitions that restatements superseded, and delete the bytes of old ones.')
    .option('--prune', 'delete them, those that --keep and --older-than let go; reports on what was restated stay')
    .option('--keep <number>', 'the newest versions of each partition stay')
    .option('--older-than <time>', 'only what was superseded so long ago, as in 90d')
    .option('--dry-run', 'print what would be pruned, and prune nothing')
    .action(async (options: VersionsCommandOptions) => {
      const { versionsCommand } = await import('./versions-command.ts')
      conclude(await versionsCommand(options, context))
    })
}
