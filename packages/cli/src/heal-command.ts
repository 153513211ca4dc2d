import { formatInstant, LakeError } from '@lake/core'
import { type GapCause, type LakePolicy, type HealReport, healLake } from '@lake/pipeline'
import type { CommandContext, CommonOptions } from './command-context.ts'
import { concludeDatasets } from './conclude-datasets.ts'
import { formatCount } from './format-number.ts'
import { heldRequest, type HeldOptions } from './held-options.ts'
import { expectHeld } from './note-unheld.ts'
import { openLake } from './open-lake.ts'
import { printFilled } from './print-filled.ts'
import { printLookedAcross } from './print-looked-across.ts'
import { printRestated } from './print-restated.ts'
import type { Terminal } from './terminal.ts'
import { textTable } from './text-table.ts'
import { venueAccess } from './venue-access.ts'
import type { VenueOptions } from './venue-options.ts'

export interface HealCommandOptions extends CommonOptions, HeldOptions, VenueOptions {
  readonly policy?: LakePolicy | undefined
  readonly budget?: string | undefined
}

/** How many gaps that are left are named; the rest is counted. */
const NAMED = 10

/** `lake heal`: fills gaps from the venues' REST interfaces. */
export async function healCommand(options: HealCommandOptions, context: CommandContext): Promise<number> {
  const { terminal, signal, workingDirectory } = context
  const lake = await openLake(
    options.lake,
    { workingDirectory },
    {
      venues: venueAccess(options),
      policy: options.policy,
    },
  )
  const held = await heldRequest(options, terminal)
  const request = { ...held, budget: parseBudget(options.budget) }
  // With a range, all of it is missing of a dataset that the lake does not hold.
  if (held.range === undefined) await expectHeld(lake, held.datasets, terminal)
  const report = await healLake(lake, request, {
    signal,
    onProgress: ({ id, done, total }) => {
      terminal.err(`${id}: ${formatCount(done)} of ${formatCount(total)} gaps asked for\n`)
    },
  })
  const json = options.json === true
  if (!json) printHealReport(report, terminal)
  return concludeDatasets(report, { terminal, json, isPartial: report.datasets.some(isLeftOver) })
}

/** Rows that never existed are not left over: there is nothing to come back for. */
const NEVER_WERE: ReadonlySet<GapCause> = new Set(['exchange-halt', 'before-listing', 'after-delisting'])

function isLeftOver({ left }: HealReport['datasets'][number]): boolean {
  return left.some(({ cause }) => !NEVER_WERE.has(cause))
}

function parseBudget(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new LakeError('BAD_REQUEST', `--budget takes a number of gaps such as 100, not '${text}'.`, {
    details: { option: '--budget', value: text },
  })
}

function printHealReport(report: HealReport, terminal: Terminal): void {
  const { datasets } = report
  if (datasets.length === 0) return
  terminal.out(
    textTable(datasets, [
      { title: 'dataset', text: ({ id }) => id },
      { title: 'gaps filled', text: ({ gapsFilled }) => formatCount(gapsFilled), align: 'right' },
      { title: 'rows added', text: ({ rowsAdded }) => formatCount(rowsAdded), align: 'right' },
      { title: 'gaps left', text: ({ gapsLeft }) => formatCount(gapsLeft), align: 'right' },
      { title: 'requests', text: ({ requests }) => formatCount(requests), align: 'right' },
    ]),
  )
  printFilled(datasets, terminal)
  printRestated(datasets, terminal)
  printLookedAcross(report, terminal)
  for (const { id, left } of datasets) {
    for (const { from, to, expected, why } of left.slice(0, NAMED)) {
      terminal.out(
        `left: ${id} ${formatInstant(from)} to ${formatInstant(to)}, ${formatCount(expected)} rows: ${why}\n`,
      )
    }
    if (left.length > NAMED) terminal.out(`left: ${id} and ${formatCount(left.length - NAMED)} more\n`)
  }
}
