import { formatInstant } from '@lake/core'
import { type DatasetGaps, listGaps } from '@lake/pipeline'
import type { CommandContext, CommonOptions } from './command-context.ts'
import { EXIT } from './exit-code.ts'
import { formatCount, plural } from './format-number.ts'
import { heldRequest, type HeldOptions } from './held-options.ts'
import { expectHeld } from './note-unheld.ts'
import { openLake } from './open-lake.ts'
import { textTable } from './text-table.ts'

export interface GapsCommandOptions extends CommonOptions, HeldOptions {}

/** `lake gaps`: every gap and its cause. */
export async function gapsCommand(options: GapsCommandOptions, context: CommandContext): Promise<number> {
  const { terminal, signal, workingDirectory } = context
  const lake = await openLake(options.lake, { workingDirectory })
  const request = await heldRequest(options, terminal)
  // With a range, all of it is missing of a dataset that the lake does not hold.
  if (request.range === undefined) await expectHeld(lake, request.datasets, terminal)
  const datasets: DatasetGaps[] = []
  for await (const dataset of listGaps(lake, request, { signal })) datasets.push(dataset)
  const rows = datasets.flatMap(({ id, gaps = [] }) =>
    gaps.map(({ from, to, expected, cause, because, fillableBy }) => ({
      dataset: id,
      from: formatInstant(from),
      to: formatInstant(to),
      ...{ expected, cause, because, fillableBy },
    })),
  )
  const quiet = datasets.flatMap(({ id, noTrades }) =>
    noTrades === undefined ? [] : [{ dataset: id, bars: noTrades }],
  )
  if (options.json === true) {
    terminal.out(`${JSON.stringify({ gaps: rows, noTrades: quiet })}\n`)
    return EXIT.complete
  }
  if (rows.length > 0) {
    terminal.out(
      textTable(rows, [
        { title: 'dataset', text: (row) => row.dataset },
        { title: 'from', text: (row) => row.from },
        { title: 'to', text: (row) => row.to },
        { title: 'rows', text: (row) => formatCount(row.expected), align: 'right' },
        { title: 'cause', text: (row) => row.cause },
        { title: 'ask', text: (row) => row.fillableBy.join(' ') },
        { title: 'because', text: (row) => row.because },
      ]),
    )
  }
  const missing = rows.reduce((sum, { expected }) => sum + expected, 0)
  const looked = datasets.filter(({ gaps }) => gaps !== undefined).length
  terminal.out(
    `${plural(rows.length, 'gap')}, ${plural(missing, 'row')} missing, in ${plural(looked, 'dataset')} with a grid in time.\n`,
  )
  for (const { dataset, bars } of quiet) {
    terminal.out(
      `${dataset}: no trades in ${plural(bars, 'bar')} of days with trades, which the venue leaves out: no gaps.\n`,
    )
  }
  return EXIT.complete
}
