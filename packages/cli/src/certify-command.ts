import { type CertifiedPartition, certifyLake, type CertifyReport } from '@lake/pipeline'
import { certificateLines, certificateText } from './certificate-text.ts'
import type { CommandContext, CommonOptions } from './command-context.ts'
import { EXIT, exitCodeOf } from './exit-code.ts'
import { formatCount, plural } from './format-number.ts'
import { heldRequest, type HeldOptions } from './held-options.ts'
import { noteEmptyLake } from './note-unheld.ts'
import { openLake } from './open-lake.ts'
import { reportError } from './report-error.ts'
import { type SourceOptions, sourceRequest } from './source-options.ts'
import type { Terminal } from './terminal.ts'
import { textTable } from './text-table.ts'

export interface CertifyCommandOptions extends CommonOptions, HeldOptions, Partial<SourceOptions> {
  readonly recompute?: boolean | undefined
}

/** `lake certify`: whether the sources of each partition agree, and where they do not. */
export async function certifyCommand(options: CertifyCommandOptions, context: CommandContext): Promise<number> {
  const { terminal, signal, workingDirectory } = context
  const lake = await openLake(options.lake, { workingDirectory })
  const { source } = options
  const report = await certifyLake(
    lake,
    {
      ...(source === undefined ? {} : await sourceRequest({ ...options, source }, workingDirectory)),
      ...(await heldRequest(options, terminal)),
      recompute: options.recompute,
    },
    {
      signal,
      onProgress: ({ id, done, total }) => {
        terminal.err(`${id}: ${formatCount(done)} of ${formatCount(total)} partitions certified\n`)
      },
    },
  )
  if (report.partitions.length === 0) await noteEmptyLake(lake, terminal)
  const json = options.json === true
  const [first] = report.failures
  if (first !== undefined && report.partitions.length === 0) {
    for (const { error } of json ? [first] : report.failures) reportError(error, { terminal, json })
    return exitCodeOf(first.error.code)
  }
  if (json) terminal.out(`${JSON.stringify(jsonReport(report))}\n`)
  else printReport(report, terminal)
  const isLeft = report.partitions.some(
    ({ certificate, state }) => certificate.verdict === 'differs' || state === 'altered',
  )
  return first !== undefined || isLeft ? EXIT.partial : EXIT.complete
}

function printReport({ partitions, filesFetched, failures }: CertifyReport, terminal: Terminal): void {
  if (partitions.length > 0) {
    terminal.out(
      textTable(partitions, [
        { title: 'partition', text: ({ id, label }) => `${id} ${label}` },
        { title: 'verdict', text: ({ certificate }) => certificate.verdict },
        { title: 'compared', text: ({ certificate }) => certificateText(certificate) },
        { title: 'certificate', text: ({ state }) => state },
      ]),
    )
  }
  for (const { id, label, certificate, certificateKey, state, changed } of partitions) {
    for (const line of certificateLines(certificate)) terminal.out(`${id} ${label}: ${line}\n`)
    if (state === 'altered')
      terminal.out(`altered: ${certificateKey} was not what its inputs give; it was made again\n`)
    if (changed.length > 0) terminal.out(`changed: ${id} ${label} since its last certificate: ${changed.join(' ')}\n`)
  }
  const count = (verdict: CertifiedPartition['certificate']['verdict']): number =>
    partitions.filter(({ certificate }) => certificate.verdict === verdict).length
  terminal.out(
    `${plural(partitions.length, 'partition')}: ${formatCount(count('agrees'))} agree, ${formatCount(count('differs'))} differ, ` +
      `${formatCount(count('uncompared'))} with one source only. ${plural(filesFetched, 'file')} taken to compare.\n`,
  )
  for (const { error } of failures) reportError(error, { terminal, json: false })
}

/** Certificates stand as the lake keeps them: their times are epoch microseconds, as their seal was made of. */
function jsonReport({ partitions, filesFetched, failures }: CertifyReport): Record<string, unknown> {
  const failed = failures.map(({ id, error: { code, message, details } }) => ({ id, code, message, details }))
  return { partitions, filesFetched, failures: failed }
}
