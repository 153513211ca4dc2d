import { setTimeout as sleep } from 'node:timers/promises'
import { formatDatasetId, LakeError } from '@lake/core'
import { type ArchiveChange, type IgnoredObject, matrixTable } from '@lake/ingest-s5cmd'
import { type DiscoverReport, discoverSource } from '@lake/pipeline'
import type { CommandContext, CommonOptions } from './command-context.ts'
import { EXIT } from './exit-code.ts'
import { formatBytes, formatCount, plural } from './format-number.ts'
import { openLake } from './open-lake.ts'
import { parsePause } from './parse-duration.ts'
import { reportError } from './report-error.ts'
import type { ScopeOptions } from './scope-options.ts'
import { scopeRequest } from './scope-request.ts'
import { type SourceOptions, sourceRequest } from './source-options.ts'
import { textTable } from './text-table.ts'

export interface DiscoverCommandOptions extends CommonOptions, ScopeOptions, SourceOptions {
  /** True with `--probe`, false with `--no-probe`. */
  readonly probe?: boolean | undefined
  readonly checksums?: boolean | undefined
  readonly every?: string | undefined
}

/** How many changes are named; the rest is counted. */
const NAMED = 10

/** `lake discover`: what an archive has, and what changed since the last look; once, or again and again. */
export async function discoverCommand(options: DiscoverCommandOptions, context: CommandContext): Promise<number> {
  const { terminal, signal, workingDirectory } = context
  const pause = options.every === undefined ? undefined : parsePause('--every', options.every)
  const { exchange, markets, dataTypes, symbols, intervals, range } = scopeRequest(options)
  const lake = await openLake(options.lake, { workingDirectory })
  const request = {
    ...(await sourceRequest(options, workingDirectory)),
    ...{ exchange, markets, dataTypes, symbols, intervals, range },
    probe: options.probe,
    checksums: options.checksums,
  }
  const look = async (): Promise<void> => {
    const report = await discoverSource(lake, request, {
      signal,
      onProgress: (files) => {
        terminal.err(`${formatCount(files)} files seen\n`)
      },
    })
    if (options.json === true) terminal.out(`${JSON.stringify(jsonReport(report))}\n`)
    else printReport(report, context)
  }
  if (pause === undefined) {
    await look()
    return EXIT.complete
  }
  for (;;) {
    try {
      await look()
    } catch (error) {
      // A schedule outlives a server that is down for now.
      if (!LakeError.is(error) || !error.retryable) throw error
      reportError(error, { terminal, json: options.json === true })
      terminal.err(`The next look is in ${options.every ?? ''}.\n`)
    }
    await sleep(pause, undefined, { signal })
  }
}

function jsonReport({ changes, overdue, ...report }: DiscoverReport): Record<string, unknown> {
  return {
    ...report,
    changes: changes.map(({ kind, key, what, dataset }) => ({ kind, key, what, dataset: formatDatasetId(dataset) })),
    overdue: {
      ...overdue,
      overdue: overdue.overdue.map((files) => ({ ...files, dataset: formatDatasetId(files.dataset) })),
      ended: overdue.ended.map((files) => ({ ...files, dataset: formatDatasetId(files.dataset) })),
    },
  }
}

function printReport(report: DiscoverReport, { terminal }: CommandContext): void {
  if (report.files === 0) terminal.out('The source has no file of what was asked for.\n')
  else {
    const { columns, rows } = matrixTable(report.matrix)
    const printed = columns.map((title, index) => ({ title, text: (row: readonly string[]) => row[index] ?? '' }))
    terminal.out(`${textTable(rows, printed)}\n`)
  }
  terminal.out(
    `${plural(report.files, 'file')}, ${formatBytes(report.bytes)}, looked through in ${report.seconds.toFixed(1)} s.\n`,
  )
  for (const kind of ['new', 'changed', 'vanished'] as const) printChanges(report.changes, kind, terminal.out)
  for (const { key, partitions } of report.restatements) {
    terminal.out(`${key} was replaced: ${plural(partitions.length, 'partition')} to rebuild by the next run.\n`)
  }
  printIgnored(report.ignored, terminal.out)
  const ended = report.overdue.ended.length
  if (ended > 0)
    terminal.out(`${plural(ended, 'series', 'series')} ended: no file for so long that none is expected any more.\n`)
  for (const { dataset, period, newest, missing, daysLate } of report.overdue.overdue) {
    const files = plural(missing.length, `${period} file`)
    terminal.out(
      `${formatDatasetId(dataset)}: ${files} overdue since ${plural(daysLate, 'day')}, the newest is ${newest}.\n`,
    )
  }
}

function printChanges(
  changes: readonly ArchiveChange[],
  kind: ArchiveChange['kind'],
  out: (text: string) => void,
): void {
  const keys = changes.filter((change) => change.kind === kind).map(({ key }) => key)
  if (keys.length === 0) return
  const more = keys.length > NAMED ? `  and ${formatCount(keys.length - NAMED)} more\n` : ''
  out(
    `${plural(keys.length, `${kind} file`)}:\n${keys
      .slice(0, NAMED)
      .map((key) => `  ${key}\n`)
      .join('')}${more}`,
  )
}

const WHY: Readonly<Record<IgnoredObject['why'], string>> = {
  'orphan-checksum': 'a checksum without its file',
  'foreign-name': 'no name of this archive',
  'foreign-folder': 'no folder of this archive',
  'other-dataset': 'a file of another dataset',
  absent: 'listed, but not there',
  'not-probed': 'more files that are not listed than are asked for at once',
}

/** Nothing that lies there is passed over in silence. */
function printIgnored(ignored: readonly IgnoredObject[], out: (text: string) => void): void {
  if (ignored.length === 0) return
  const more = ignored.length > NAMED ? `  and ${formatCount(ignored.length - NAMED)} more\n` : ''
  const lines = ignored.slice(0, NAMED).map(({ key, why }) => `  ${key} (${WHY[why]})\n`)
  out(`${plural(ignored.length, 'entry', 'entries')} passed over:\n${lines.join('')}${more}`)
}
