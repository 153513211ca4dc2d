import { formatDatasetId } from '@lake/core'
import {
  type Lake,
  listQuarantine,
  type QuarantinedFile,
  type QuarantineRequest,
  replayQuarantine,
  type ReplayReport,
} from '@lake/pipeline'
import type { CommandContext, CommonOptions } from './command-context.ts'
import { concludeDatasets } from './conclude-datasets.ts'
import { EXIT } from './exit-code.ts'
import { formatCount, plural } from './format-number.ts'
import { heldDatasets, type HeldDatasetsOptions } from './held-options.ts'
import { noteEmptyLake } from './note-unheld.ts'
import { openLake } from './open-lake.ts'
import { textTable } from './text-table.ts'

export interface QuarantineCommandOptions extends CommonOptions, HeldDatasetsOptions {
  readonly replay?: boolean | undefined
}

/** A value as long as this is shown whole. */
const SHOWN = 40

/** `lake quarantine`: the lines that were put aside as bad; with `--replay`, reads their files again. */
export async function quarantineCommand(options: QuarantineCommandOptions, context: CommandContext): Promise<number> {
  const { terminal, workingDirectory } = context
  const lake = await openLake(options.lake, { workingDirectory })
  await noteEmptyLake(lake, terminal)
  const request: QuarantineRequest = { datasets: await heldDatasets(options, terminal) }
  return options.replay === true
    ? replay(lake, request, options.json === true, context)
    : list(lake, request, options.json === true, context)
}

async function list(
  lake: Lake,
  request: QuarantineRequest,
  json: boolean,
  { terminal, signal }: CommandContext,
): Promise<number> {
  const lines: (QuarantinedFile['rows'][number] & { readonly dataset: string; readonly key: string })[] = []
  let files = 0
  for await (const { dataset, key, rows } of listQuarantine(lake, request, { signal })) {
    files++
    for (const row of rows) lines.push({ dataset: formatDatasetId(dataset), ...row, key })
  }
  if (json) {
    terminal.out(`${JSON.stringify({ rows: lines })}\n`)
    return EXIT.complete
  }
  if (lines.length > 0) {
    terminal.out(
      textTable(lines, [
        { title: 'dataset', text: (row) => row.dataset },
        { title: 'file', text: (row) => row.file },
        { title: 'line', text: (row) => formatCount(row.line), align: 'right' },
        { title: 'column', text: (row) => row.column ?? '-' },
        { title: 'value', text: (row) => shown(row.value) },
        { title: 'why', text: (row) => row.reason },
      ]),
    )
  }
  const more = lines.length === 0 ? '' : ' After a fix, lake quarantine --replay reads them again.'
  terminal.out(`${plural(lines.length, 'line')} put aside, of ${plural(files, 'file')}.${more}\n`)
  return EXIT.complete
}

function shown(value: string): string {
  return value.length > SHOWN ? `${value.slice(0, SHOWN)}…` : value
}

async function replay(
  lake: Lake,
  request: QuarantineRequest,
  json: boolean,
  { terminal, signal }: CommandContext,
): Promise<number> {
  const report = await replayQuarantine(lake, request, { signal })
  if (!json) printReplay(report, terminal)
  const isPartial = report.datasets.some(({ quarantinedLeft }) => quarantinedLeft > 0)
  return concludeDatasets(report, { terminal, json, isPartial })
}

function printReplay({ datasets }: ReplayReport, terminal: CommandContext['terminal']): void {
  if (datasets.length === 0) {
    terminal.out('Nothing is put aside.\n')
    return
  }
  terminal.out(
    textTable(datasets, [
      { title: 'dataset', text: ({ id }) => id },
      { title: 'files', text: ({ files }) => formatCount(files), align: 'right' },
      { title: 'lines', text: ({ quarantined }) => formatCount(quarantined), align: 'right' },
      { title: 'lines left', text: ({ quarantinedLeft }) => formatCount(quarantinedLeft), align: 'right' },
      { title: 'rows added', text: ({ rowsAdded }) => formatCount(rowsAdded), align: 'right' },
      { title: 'partitions changed', text: ({ partitionsChanged }) => formatCount(partitionsChanged), align: 'right' },
    ]),
  )
}
