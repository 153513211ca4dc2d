import { readFileSync } from 'node:fs'
import { LakeError } from '@lake/core'
import { Command, CommanderError, Option } from 'commander'
import { addArchiveCommands } from './archive-commands.ts'
import type { CommandContext, CommonOptions } from './command-context.ts'
import type { DemoCommandOptions } from './demo-command.ts'
import { EXIT, exitCodeOf } from './exit-code.ts'
import { arrangeHelp } from './help-groups.ts'
import type { NewExchangeCommandOptions } from './new-exchange-command.ts'
import { addProvenanceCommands } from './provenance-commands.ts'
import { reportError } from './report-error.ts'
import type { SqlCommandOptions } from './sql-command.ts'
import { SQL_FORMATS } from './sql-formats.ts'
import { processTerminal, type Terminal } from './terminal.ts'
import { addVenueCommands } from './venue-commands.ts'
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
  addArchiveCommands({ program, common, context, conclude })
  addVenueCommands({ program, common, context, conclude })
  addProvenanceCommands({ program, common, context, conclude })
  common(program.command('sql'))
    .description('Ask the lake in SQL: klines, trades, agg_trades, funding_rates, bars, funding and more.')
    .argument('<query>', 'one SELECT, in the dialect of DuckDB; times are UTC')
    .addOption(new Option('--format <format>', 'how to print the rows').choices(SQL_FORMATS).default('table'))
    .option('--output <file>', 'write there instead of to standard output')
    .option('--as-of <time>', 'read the lake as it stood then, by its own clock: what was restated since as it was')
    .option('--known-at <time>', 'only rows that could be known then, by the clock of the market: their ts_available')
    .action(async (query: string, options: SqlCommandOptions) => {
      const { sqlCommand } = await import('./sql-command.ts')
      conclude(await sqlCommand(query, options, context))
    })
  common(program.command('status'))
    .description('Print what the lake holds: partitions, rows, first and last time, gaps.')
    .action(async (options: CommonOptions) => {
      const { statusCommand } = await import('./status-command.ts')
      conclude(await statusCommand(options, context))
    })
  common(program.command('doctor'))
    .description('Look whether this machine and this lake have what they need.')
    .action(async (options: CommonOptions) => {
      const { doctorCommand } = await import('./doctor-command.ts')
      conclude(await doctorCommand(options, context))
    })
  program
    .command('new-exchange')
    .description('Make a folder with an adapter for an exchange of yours: it stands, and its tests pass.')
    .argument('<name>', 'what it is called in dataset ids: a lower-case word')
    .option('--into <folder>', 'the folder to make (default: lake-exchange-<name>)')
    .option('--json', 'one JSON document on standard output')
    .action(async (name: string, options: NewExchangeCommandOptions) => {
      const { newExchangeCommand } = await import('./new-exchange-command.ts')
      conclude(await newExchangeCommand(name, options, context, packageVersion()))
    })
  common(program.command('demo'))
    .description('Run the bundled sample of real archive files and show what came of it.')
    .option('--source <folder>', 'the sample', 'fixtures/archive')
    .action(async (options: DemoCommandOptions) => {
      const { demoCommand } = await import('./demo-command.ts')
      conclude(await demoCommand(options, context))
    })
  arrangeHelp(program)
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
