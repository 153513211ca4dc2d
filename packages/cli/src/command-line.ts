import { readFileSync } from 'node:fs'
import { LakeError } from '@lake/core'
import { DECIMALS } from '@lake/pipeline'
import { Command, CommanderError, Option } from 'commander'
import type { CommandContext, CommonOptions } from './command-context.ts'
import { demoCommand, type DemoCommandOptions } from './demo-command.ts'
import { discoverCommand, type DiscoverCommandOptions } from './discover-command.ts'
import { doctorCommand } from './doctor-command.ts'
import { EXIT, exitCodeOf } from './exit-code.ts'
import { newExchangeCommand, type NewExchangeCommandOptions } from './new-exchange-command.ts'
import { quarantineCommand, type QuarantineCommandOptions } from './quarantine-command.ts'
import { policyOption } from './policy-option.ts'
import { addProvenanceCommands } from './provenance-commands.ts'
import { reportError } from './report-error.ts'
import { runCommand, type RunCommandOptions } from './run-command.ts'
import { withScope } from './scope-options.ts'
import { withSource } from './source-options.ts'
import { sqlCommand, type SqlCommandOptions } from './sql-command.ts'
import { SQL_FORMATS } from './sql-format.ts'
import { statusCommand } from './status-command.ts'
import { syncCommand, type SyncCommandOptions, TRANSFER_MODES } from './sync-command.ts'
import { processTerminal, type Terminal } from './terminal.ts'
import { transfersCommand, type TransfersCommandOptions } from './transfers-command.ts'
import { addVenueCommands } from './venue-commands.ts'
import { withVenue } from './venue-options.ts'
import { verifyCommand, type VerifyCommandOptions } from './verify-command.ts'
import { watchInterrupts } from './watch-interrupts.ts'
import { watchReaders } from './watch-readers.ts'

export interface CommandLineOptions {
  /** The arguments after the name of the program. */
  readonly argv: readonly string[]
  /** The process's when absent. */
  readonly terminal?: Terminal | undefined
  /** Where relative paths start; the process's when absent. */
  readonly workingDirectory?: string | undefined
  /** Stops the command; Ctrl-C and a request to terminate when absent. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Runs the `lake` command and gives its exit code: 0 complete, 1 failed, 2 usage, 3 partial, 130 and 143 interrupted,
 * 141 when nobody reads the results. Results go to standard output, progress and errors to standard error. Never throws.
 *
 * @example
 * process.exitCode = await runCommandLine({ argv: ['status', '--lake', './lake-data'] })
 */
export async function runCommandLine(options: CommandLineOptions): Promise<number> {
  const { argv, terminal = processTerminal(), workingDirectory = process.cwd() } = options
  if (options.terminal === undefined) watchReaders()
  const interrupts = options.signal === undefined ? watchInterrupts() : undefined
  const signal = options.signal ?? interrupts?.signal ?? new AbortController().signal
  const context: CommandContext = { terminal, signal, workingDirectory }
  let code: number = EXIT.complete
  const program = buildProgram(context, (result) => {
    code = result
  })
  const json = argv.includes('--json')
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.complete : EXIT.usage
    if (signal.aborted) {
      terminal.err('lake: interrupted; what was finished stays, and the same command goes on from there\n')
      return interrupts?.exitCode() ?? EXIT.interrupted
    }
    reportError(error, { terminal, json })
    return LakeError.is(error) ? exitCodeOf(error.code) : EXIT.failed
  } finally {
    interrupts?.stop()
  }
}

type Conclude = (code: number) => void

function buildProgram(context: CommandContext, conclude: Conclude): Command {
  const { terminal } = context
  const program = new Command('lake')
    .description('A crypto market-data lakehouse: exchange archives in, SQL out.')
    .version(packageVersion(), '-V, --version')
    .exitOverride()
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err })
    .showHelpAfterError('(add --help for the options)')
  withSource(withVenue(common(program.command('run'))))
    .description('Bring datasets from an archive through bronze and silver to gold; only what is new.')
    .requiredOption(
      '--dataset <id...>',
      'exchange/market/dataType/symbol[/interval], as in binance/spot/klines/BTCUSDT/1m; - reads them from standard input',
    )
    .option('--from <date>', 'the first day, 2024-01-01; the whole archive without --from and --to')
    .option('--to <date>', 'the day after the last one (closed-open)')
    .option('--gold <intervals>', 'the intervals of gold bars, or none', '5m,1h,1d')
    .addOption(policyOption())
    .option('--heal', 'ask the venue for the rows that the archive lacks, and fill the gaps')
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
      conclude(await runCommand(options, context))
    })
  withScope(withSource(common(program.command('discover'))))
    .description('List what an archive has, remember it in the lake, and tell what changed.')
    .option('--probe', 'ask for files that are not listed yet (default for HTTP sources)')
    .option('--no-probe', 'believe the listing')
    .option('--checksums', 'read the published sha256 of each new file: one request each')
    .option('--every <pause>', 'again and again, as in 4h, until interrupted')
    .action(async (options: DiscoverCommandOptions) => {
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
      conclude(await syncCommand(options, context))
    })
  common(program.command('transfers'))
    .description('Tell what each sync has moved, which way, how fast, and what it would have cost the other way.')
    .option('--last <count>', 'only so many, the newest', '20')
    .action(async (options: TransfersCommandOptions) => {
      conclude(await transfersCommand(options, context))
    })
  common(program.command('verify'))
    .description('Read every byte of the lake again and compare it with checksums and manifests.')
    .option('--source <url>', 'where damaged bronze files are fetched from once more')
    .action(async (options: VerifyCommandOptions) => {
      conclude(await verifyCommand(options, context))
    })
  common(program.command('quarantine'))
    .description('List the lines that runs have put aside as bad, and why.')
    .option('--dataset <id...>', 'only these; all that the lake holds without it; - reads them from standard input')
    .option('--replay', 'read their files again: what is right by now becomes rows')
    .action(async (options: QuarantineCommandOptions) => {
      conclude(await quarantineCommand(options, context))
    })
  addVenueCommands({ program, common, context, conclude })
  addProvenanceCommands({ program, common, context, conclude })
  common(program.command('sql'))
    .description('Ask the lake in SQL: klines, trades, agg_trades, funding_rates, bars, funding and more.')
    .argument('<query>', 'one SELECT, in the dialect of DuckDB; times are UTC')
    .addOption(new Option('--format <format>', 'how to print the rows').choices(SQL_FORMATS).default('table'))
    .option('--output <file>', 'write there instead of to standard output')
    .option('--as-of <time>', 'read the lake as it stood then: what was restated since as it was')
    .option('--known-at <time>', 'only rows that could be known then, by their ts_available')
    .action(async (query: string, options: SqlCommandOptions) => {
      conclude(await sqlCommand(query, options, context))
    })
  common(program.command('status'))
    .description('Print what the lake holds: partitions, rows, first and last time, gaps.')
    .action(async (options: CommonOptions) => {
      conclude(await statusCommand(options, context))
    })
  common(program.command('doctor'))
    .description('Look whether this machine and this lake have what they need.')
    .action(async (options: CommonOptions) => {
      conclude(await doctorCommand(options, context))
    })
  program
    .command('new-exchange')
    .description('Make a folder with an adapter for an exchange of yours: it stands, and its tests pass.')
    .argument('<name>', 'what it is called in dataset ids: a lower-case word')
    .option('--into <folder>', 'the folder to make (default: lake-exchange-<name>)')
    .option('--json', 'one JSON document on standard output')
    .action(async (name: string, options: NewExchangeCommandOptions) => {
      conclude(await newExchangeCommand(name, options, context, packageVersion()))
    })
  common(program.command('demo'))
    .description('Run the bundled sample of real archive files and show what came of it.')
    .option('--source <folder>', 'the sample', 'fixtures/archive')
    .action(async (options: DemoCommandOptions) => {
      conclude(await demoCommand(options, context))
    })
  return program
}

/** From the package's own description, which lies beside the sources as it lies beside the build. */
function packageVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return /"version": "([^"]+)"/.exec(text)?.[1] ?? 'unknown'
}

function common(command: Command): Command {
  return command
    .option('--lake <url>', 'where the lake lies', 'file:./lake-data')
    .option('--json', 'one JSON document on standard output, progress on standard error')
}
