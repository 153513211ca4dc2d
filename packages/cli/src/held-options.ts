import type { TimeRange } from '@lake/core'
import type { Command } from 'commander'
import { parseRange } from './parse-options.ts'
import { readDatasetIds } from './read-dataset-ids.ts'
import type { Terminal } from './terminal.ts'

/** The options that select datasets of what the lake holds. */
export interface HeldDatasetsOptions {
  readonly dataset?: readonly string[] | undefined
}

/** The options that select a part of what the lake holds: datasets and time. */
export interface HeldOptions extends HeldDatasetsOptions {
  readonly from?: string | undefined
  readonly to?: string | undefined
}

/** Adds the option of datasets to a command. */
export function withHeldDatasets(command: Command): Command {
  return command.option(
    '--dataset <id...>',
    'only these; all that the lake holds without it; - reads them from standard input',
  )
}

/** Adds the options of datasets and time to a command. */
export function withHeld(command: Command): Command {
  return withHeldDatasets(command)
    .option('--from <date>', 'the first day, 2024-01-01; all that the lake holds without --from and --to')
    .option('--to <date>', 'the day after the last one (closed-open)')
}

/** The datasets that are named; `undefined` for all. */
export async function heldDatasets(
  { dataset }: HeldDatasetsOptions,
  terminal: Terminal,
): Promise<readonly string[] | undefined> {
  return dataset === undefined ? undefined : readDatasetIds(dataset, terminal)
}

/**
 * What these options ask for.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when a range lacks an end, or a time is none.
 */
export async function heldRequest(
  options: HeldOptions,
  terminal: Terminal,
): Promise<{ readonly datasets: readonly string[] | undefined; readonly range: TimeRange | undefined }> {
  return { datasets: await heldDatasets(options, terminal), range: parseRange(options) }
}
