import { resolve } from 'node:path'
import { recordLake } from '@lake/pipeline'
import type { CommandContext, CommonOptions } from './command-context.ts'
import { EXIT } from './exit-code.ts'
import { plural } from './format-number.ts'
import { openLake } from './open-lake.ts'
import { parsePause } from './parse-duration.ts'
import { readDatasetIds } from './read-dataset-ids.ts'
import { reportError } from './report-error.ts'
import { venueAccess } from './venue-access.ts'
import type { VenueOptions } from './venue-options.ts'

export interface RecordCommandOptions extends CommonOptions, VenueOptions {
  readonly dataset: readonly string[]
  readonly spool: string
  readonly for?: string | undefined
  readonly rotateEvery: string
}

const MICROS_PER_MILLI = 1000

/** `lake record`: what a venue sends live, until interrupted or for a while. Being interrupted is how it ends. */
export async function recordCommand(options: RecordCommandOptions, context: CommandContext): Promise<number> {
  const { terminal, workingDirectory } = context
  const json = options.json === true
  const lake = await openLake(options.lake, { workingDirectory }, { venues: venueAccess(options) })
  const datasets = await readDatasetIds(options.dataset, terminal)
  const rotate = { everyMicros: parsePause('--rotate-every', options.rotateEvery) * MICROS_PER_MILLI }
  const length = options.for === undefined ? undefined : parsePause('--for', options.for)
  const signals = length === undefined ? [] : [AbortSignal.timeout(length)]
  const report = await recordLake(
    lake,
    { datasets, spool: resolve(workingDirectory, options.spool), rotate },
    {
      signal: AbortSignal.any([context.signal, ...signals]),
      onEvent: ({ kind, channel, reason }) => {
        terminal.err(`${channel}: ${kind}${reason === undefined ? '' : ` (${reason})`}\n`)
      },
    },
  )
  const { failures, ...rest } = report
  if (json) {
    const failed = failures.map(({ id, error: { code, message } }) => ({ id, code, message }))
    terminal.out(`${JSON.stringify({ ...rest, failures: failed })}\n`)
  } else {
    for (const { id, frames, gaps, wasCovered } of report.datasets) {
      const what = wasCovered
        ? `${plural(frames, 'frame')}, ${plural(gaps, 'gap')}`
        : 'never subscribed, so nothing is known'
      terminal.out(`${id}: ${what}\n`)
    }
    const { sessions, frames } = report.recovered
    if (sessions > 0) terminal.out(`${plural(frames, 'frame')} of a recorder that had crashed were taken over.\n`)
    terminal.out(
      `${report.seconds.toFixed(0)} s, ${plural(report.reconnects, 'reconnect')}, ${plural(report.partitions, 'silver partition')} written.\n`,
    )
    if (report.left > 0) {
      const what = `${plural(report.left, 'file')} of frames did not reach the lake`
      terminal.out(`${what}, and wait in ${options.spool} for the next recorder.\n`)
    }
    if (report.blocked > 0) terminal.out(`${plural(report.blocked, 'partition')} failed a check: see lake status.\n`)
    for (const { error } of failures) reportError(error, { terminal, json })
  }
  const isWhole = report.left === 0 && report.datasets.every(({ wasCovered }) => wasCovered)
  return isWhole && failures.length === 0 && report.blocked === 0 ? EXIT.complete : EXIT.partial
}
