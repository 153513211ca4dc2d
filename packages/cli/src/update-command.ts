import { setTimeout as sleep } from 'node:timers/promises'
import { formatInstant, parseInstant } from '@lake/core'
import { type LakePolicy, type UpdateReport, updateLake } from '@lake/pipeline'
import type { CommandContext, CommonOptions } from './command-context.ts'
import { concludeDatasets } from './conclude-datasets.ts'
import { EXIT } from './exit-code.ts'
import { formatBytes, formatCount } from './format-number.ts'
import { heldDatasets, type HeldDatasetsOptions } from './held-options.ts'
import { openLake } from './open-lake.ts'
import { parseDuration, parsePause } from './parse-duration.ts'
import type { BlockedDataset } from './print-blocked.ts'
import { printFilled } from './print-filled.ts'
import { printLookedAcross } from './print-looked-across.ts'
import { printRestated } from './print-restated.ts'
import { printUnasked } from './print-unasked.ts'
import type { Terminal } from './terminal.ts'
import { textTable } from './text-table.ts'
import { healingOf, venueAccess } from './venue-access.ts'
import type { HealingOptions, VenueOptions } from './venue-options.ts'

export interface UpdateCommandOptions extends CommonOptions, HeldDatasetsOptions, VenueOptions, HealingOptions {
  readonly policy?: LakePolicy | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly lookback?: string | undefined
  readonly commitEvery: string
  readonly every?: string | undefined
}

const MICROS_PER_MILLI = 1000

/** `lake update`: the newest rows of datasets through REST; once, or again and again. */
export async function updateCommand(options: UpdateCommandOptions, context: CommandContext): Promise<number> {
  const { terminal, signal, workingDirectory } = context
  const json = options.json === true
  const lake = await openLake(
    options.lake,
    { workingDirectory },
    {
      venues: venueAccess(options),
      policy: options.policy,
    },
  )
  const pause = options.every === undefined ? undefined : parsePause('--every', options.every)
  const { lookback, from, to } = options
  const request = {
    datasets: await heldDatasets(options, terminal),
    from: from === undefined ? undefined : parseInstant(from),
    to: to === undefined ? undefined : parseInstant(to),
    lookback: lookback === undefined ? undefined : parseDuration('--lookback', lookback) * MICROS_PER_MILLI,
    commitEvery: parseDuration('--commit-every', options.commitEvery) * MICROS_PER_MILLI,
    ...healingOf(options),
  }
  for (;;) {
    const report = await updateLake(lake, request, {
      signal,
      onProgress: ({ id, done, total }) => {
        terminal.err(`${formatCount(done)} of ${formatCount(total)} datasets (${id})\n`)
      },
    })
    if (!json) printUpdateReport(report, terminal)
    const code = concludeDatasets({ ...report, datasets: report.datasets.map(jsonDataset) }, { terminal, json })
    if (pause === undefined || code === EXIT.usage) return code
    await sleep(pause, undefined, { signal })
  }
}

function jsonDataset({ silverTo, bronzeTo, ...dataset }: UpdateReport['datasets'][number]): BlockedDataset {
  const reached = { silverTo: instantOf(silverTo), bronzeTo: instantOf(bronzeTo) }
  return { ...dataset, ...reached }
}

function instantOf(time: number | null): string | null {
  return time === null ? null : formatInstant(time)
}

function printUpdateReport(report: UpdateReport, terminal: Terminal): void {
  const { datasets, failures } = report
  if (datasets.length === 0) {
    if (failures.length > 0) return
    terminal.err('This lake holds no dataset that could be updated. Name one by --dataset, or begin with lake run.\n')
    return
  }
  terminal.out(
    textTable(datasets, [
      { title: 'dataset', text: ({ id }) => id },
      { title: 'rows fetched', text: ({ rowsFetched }) => formatCount(rowsFetched), align: 'right' },
      { title: 'rows added', text: ({ rowsAdded }) => formatCount(rowsAdded), align: 'right' },
      { title: 'silver up to', text: ({ silverTo }) => instantOf(silverTo) ?? '-' },
      { title: 'bronze up to', text: ({ bronzeTo }) => instantOf(bronzeTo) ?? '-' },
      { title: 'requests', text: ({ requests }) => formatCount(requests), align: 'right' },
      { title: 'written', text: ({ bytesWritten }) => formatBytes(bytesWritten), align: 'right' },
    ]),
  )
  printFilled(datasets, terminal)
  printRestated(datasets, terminal)
  printLookedAcross(report, terminal)
  printUnasked(report.unasked, terminal)
}
