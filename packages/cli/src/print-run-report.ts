import { formatInstant, parseDatasetId, rowIdentity } from '@lake/core'
import type { DatasetReport, RunReport } from '@lake/pipeline'
import { dayNotes, isOfDay } from './day-notes.ts'
import { formatBytes, formatCount, plural } from './format-number.ts'
import { withJsonRestated } from './json-restated.ts'
import { passedOverText } from './passed-over-text.ts'
import { printBlocked } from './print-blocked.ts'
import { printFilled } from './print-filled.ts'
import { printLookedAcross } from './print-looked-across.ts'
import { printRestated } from './print-restated.ts'
import { printUnasked } from './print-unasked.ts'
import type { Terminal } from './terminal.ts'
import { textTable } from './text-table.ts'

export interface PrintRunOptions {
  readonly terminal: Terminal
  readonly json: boolean
  readonly lakeUrl: string
}

/** Prints what a run took in, what the tables hold now, and what is missing. */
export function printRunReport(report: RunReport, { terminal, json, lakeUrl }: PrintRunOptions): void {
  if (json) {
    terminal.out(`${JSON.stringify(jsonReport(report))}\n`)
    return
  }
  terminal.out(
    textTable(report.datasets, [
      { title: 'dataset', text: (dataset) => dataset.id },
      { title: 'files', text: filesText, align: 'right' },
      { title: 'rows', text: (dataset) => formatCount(dataset.rows), align: 'right' },
      { title: 'first', text: (dataset) => dataset.first ?? '-' },
      { title: 'last', text: (dataset) => dataset.last ?? '-' },
      { title: 'gaps', text: gapsText, align: 'right' },
      { title: 'score', text: ({ score }) => score?.toFixed(2) ?? '-', align: 'right' },
      { title: 'gold rows', text: goldText },
    ]),
  )
  terminal.out(`\n${conclusion(report)}\nThe lake lies in ${lakeUrl}\n`)
  printBlocked(report.datasets, terminal)
  printFilled(report.datasets, terminal)
  printRestated(report.datasets, terminal)
  for (const note of report.datasets.flatMap(notes)) terminal.out(`note: ${note}\n`)
  printLookedAcross(report, terminal)
  printUnasked(report.unasked, terminal)
}

function jsonReport({ datasets, failures, seconds, ...told }: RunReport): Record<string, unknown> {
  return {
    datasets: datasets.map(withJsonRestated),
    ...told,
    failures: failures.map(({ id, month, file, error: { code, message, details } }) => ({
      id,
      month,
      file,
      code,
      message,
      details,
    })),
    seconds,
  }
}

function filesText({ files, filesTransferred }: DatasetReport): string {
  return filesTransferred === files ? formatCount(files) : `${formatCount(filesTransferred)} of ${formatCount(files)}`
}

function gapsText({ gaps, rowsMissing, gapsFilled }: DatasetReport): string {
  if (gaps === null) return '-'
  if (gapsFilled > 0) return `${formatCount(gaps)} (${formatCount(gapsFilled)} filled)`
  return gaps === 0 ? '0' : `${formatCount(gaps)} (${plural(rowsMissing ?? 0, 'row')})`
}

function goldText({ gold }: DatasetReport): string {
  const parts = Object.entries(gold).map(([interval, rows]) => `${interval} ${formatCount(rows)}`)
  return parts.length === 0 ? '-' : parts.join('  ')
}

function conclusion({ datasets, failures, seconds }: RunReport): string {
  const written = datasets.reduce((sum, dataset) => sum + dataset.partitions, 0)
  const skipped = datasets.reduce((sum, dataset) => sum + dataset.skipped, 0)
  const bytes = datasets.reduce((sum, dataset) => sum + dataset.bytes, 0)
  const time = `${seconds.toFixed(1)} s`
  const blocked = datasets.reduce((sum, dataset) => sum + dataset.blocked.length, 0)
  if (written === 0 && blocked > 0) {
    return `Nothing was published: ${plural(skipped, 'partition')} up to date, ${formatCount(blocked)} blocked (${time}).`
  }
  if (written === 0 && failures.length > 0) {
    return `Nothing was written: ${plural(skipped, 'partition')} up to date, ${plural(failures.length, 'failure')} (${time}).`
  }
  if (written === 0) return `Nothing to do: all ${plural(skipped, 'partition')} are up to date (${time}).`
  return `${plural(written, 'partition')} written, ${formatCount(skipped)} up to date already, ${formatBytes(bytes)} taken in, ${time}.`
}

function notes(dataset: DatasetReport): string[] {
  const { id, counts, warnings, filesUnverified, formatChanges } = dataset
  const { bars_without_trades: quiet, stretches_without_trades: stretches, ...others } = counts
  const lines = Object.entries(others)
    .filter(([name]) => conflictingColumn(name) === undefined)
    .map(([name, count]) => `${id}: ${countText(name, count)}`)
  const differing = Object.entries(others).flatMap(([name, count]) => {
    const column = conflictingColumn(name)
    return column === undefined ? [] : [`${column} ${formatCount(count)}`]
  })
  if (differing.length > 0) lines.push(`${id}: rows on which sources differ: ${differing.join(', ')}`)
  if (quiet !== undefined) {
    lines.push(
      `${id}: ${plural(quiet, 'bar')} without trades, in ${plural(stretches ?? 0, 'stretch', 'stretches')} shorter than a day`,
    )
  }
  for (const conflict of dataset.conflicts.slice(0, 1)) lines.push(`${id}: ${conflictText(id, conflict)}`)
  // How many places numbers have goes up and down from file to file; that is for the JSON.
  for (const change of formatChanges) if (change.what !== 'places') lines.push(`${id}: ${changeText(change)}`)
  for (const [name, count] of Object.entries(warnings)) {
    if (!isOfDay(name)) lines.push(`${id}: ${plural(count, 'row')} to look at, by the check ${name}`)
  }
  for (const note of dayNotes(Object.keys(warnings))) lines.push(`${id}: ${note}`)
  const replaced = passedOverText(dataset.passedOver)
  if (replaced !== undefined) lines.push(`${id}: ${replaced}`)
  if (filesUnverified > 0)
    lines.push(`${id}: ${plural(filesUnverified, 'file')} without a published checksum, stored unverified`)
  return lines
}

/** The column of a count of values that differ; `undefined` for every other count. */
function conflictingColumn(name: string): string | undefined {
  return /^conflicting_(.+)$/.exec(name)?.[1]
}

function conflictText(id: string, { key, column, kept, dropped }: DatasetReport['conflicts'][number]): string {
  const isTime = rowIdentity(parseDatasetId(id).dataType).id === undefined
  const row = isTime ? formatInstant(Number(key)) : key
  const told = ({ name, value }: typeof kept): string => `${String(value)} of ${name.slice(name.lastIndexOf('/') + 1)}`
  return `they differ first in ${column} of the row ${row}: ${told(kept)} was kept, ${told(dropped)} was not`
}

function changeText({ what, from, to, file, files }: DatasetReport['formatChanges'][number]): string {
  const others = files === 1 ? '' : ` and ${plural(files - 1, 'more file')}`
  const told = what === 'rows' ? 'the number of rows is far from what it was' : 'the form has changed as is known'
  return `${told}: ${FORM[what]} ${from}, now ${to}, in ${file.slice(file.lastIndexOf('/') + 1)}${others}`
}

const FORM: Readonly<Record<DatasetReport['formatChanges'][number]['what'], string>> = {
  format: 'it was described as',
  era: 'its era was',
  header: 'its header was',
  timeUnit: 'times were in',
  places: 'decimal places were',
  order: 'rows were',
  repeatedRows: 'repeated rows:',
  rows: 'it was',
}

function countText(name: string, count: number): string {
  if (name === 'quarantined_rows') return `${plural(count, 'bad line')} put aside; lake quarantine lists them`
  if (name === 'withdrawn_rows') return `${plural(count, 'line')} of rows that the venue has taken back: no rows`
  const column = /^inexact_(.+)$/.exec(name)?.[1]
  if (column !== undefined)
    return `${plural(count, 'value')} of ${column} with more digits than float64 holds, rounded to the nearest`
  return `${formatCount(count)} ${name.replaceAll('_', ' ')}`
}
