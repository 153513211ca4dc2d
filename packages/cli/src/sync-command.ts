import type { TransferMode, TransferReport } from '@lake/ingest-s5cmd'
import { planSync, type SyncPlan, syncSource } from '@lake/pipeline'
import type { CommandContext, CommonOptions } from './command-context.ts'
import { EXIT } from './exit-code.ts'
import { formatBytes, formatCount, plural } from './format-number.ts'
import { openLake } from './open-lake.ts'
import { parseBandwidth } from './parse-options.ts'
import { readDatasetIds } from './read-dataset-ids.ts'
import type { ScopeOptions } from './scope-options.ts'
import { scopeRequest } from './scope-request.ts'
import { type SourceOptions, sourceRequest } from './source-options.ts'
import type { Terminal } from './terminal.ts'
import { textTable } from './text-table.ts'

export interface SyncCommandOptions extends CommonOptions, ScopeOptions, SourceOptions {
  readonly dataset?: readonly string[] | undefined
  readonly mode: TransferMode
  readonly bandwidth?: string | undefined
  readonly dryRun?: boolean | undefined
}

/** A line in the log after so many files. */
const LOG_FILES = 100

/** `lake sync`: archive to bronze, and no further. */
export async function syncCommand(options: SyncCommandOptions, context: CommandContext): Promise<number> {
  const { terminal, signal, workingDirectory } = context
  const collection = scopeRequest(options)
  const lake = await openLake(options.lake, { workingDirectory })
  const request = {
    ...(await sourceRequest(options, workingDirectory)),
    collection,
    datasets: options.dataset === undefined ? undefined : await readDatasetIds(options.dataset, terminal),
    mode: options.mode,
    bytesPerSecond: parseBandwidth(options.bandwidth),
  }
  if (options.dryRun === true) {
    printSyncPlan(await planSync(lake, request, { signal }), terminal, options.json === true)
    return EXIT.complete
  }
  const report = await syncSource(lake, request, {
    signal,
    onFile: (_, done, total) => {
      if (done % LOG_FILES === 0 || done === total)
        terminal.err(`${formatCount(done)} of ${formatCount(total)} files in bronze\n`)
    },
  })
  if (options.json === true) terminal.out(`${JSON.stringify(report)}\n`)
  else printTransfer(report, lake.store.url, terminal)
  if (report.failed === 0) return EXIT.complete
  return report.failed === report.files ? EXIT.failed : EXIT.partial
}

function printSyncPlan({ steps, bytes, held }: SyncPlan, terminal: Terminal, json: boolean): void {
  if (json) {
    const files = steps.map(({ file, mode, via, reason }) => ({
      key: file.key,
      bytes: file.size,
      mode,
      via,
      why: file.reason,
      how: reason,
    }))
    terminal.out(`${JSON.stringify({ dryRun: true, files, bytes, held })}\n`)
    return
  }
  if (steps.length > 0)
    terminal.out(
      textTable(steps, [
        { title: 'file', text: ({ file }) => file.key },
        { title: 'size', text: ({ file }) => formatBytes(file.size), align: 'right' },
        { title: 'mode', text: ({ mode }) => mode },
        { title: 'why this way', text: ({ reason }) => reason },
        { title: 'why this file', text: ({ file }) => file.reason },
      ]),
    )
  const others = held === 0 ? '' : ` ${plural(held, 'more file')} ${held === 1 ? 'lies' : 'lie'} in bronze already.`
  terminal.out(`\n${plural(steps.length, 'file')}, ${formatBytes(bytes)}.${others} Nothing was moved (--dry-run).\n`)
}

function printTransfer(report: TransferReport, lakeUrl: string, terminal: Terminal): void {
  const { files, skipped, failed, unverified, unpublished, restated, modes, bytesMoved, seconds, byFile } = report
  const rate = `${report.megabytesPerSecond.toFixed(1)} MB/s`
  terminal.out(
    `${plural(files, 'file')}: ${formatCount(modes.direct)} copied within the server, ${formatCount(modes.traditional)} through this machine, ` +
      `${formatCount(skipped)} were there already, ${formatCount(failed)} failed.\n` +
      `${formatBytes(bytesMoved)} in ${seconds.toFixed(1)} s (${rate}), ${formatBytes(report.bytesThroughClient)} of it through this machine; ` +
      `${plural(report.requests, 'request')}, ${formatCount(report.retries)} retries, ${formatCount(report.fallbacks)} fallbacks.\n`,
  )
  if (modes.direct > 0) {
    const { requests, bytesThroughClient } = report.traditionalWay
    terminal.out(
      `Down and up, the same takes ${plural(requests, 'request')}, and ${formatBytes(bytesThroughClient)} through this machine.\n`,
    )
  }
  if (restated > 0)
    terminal.out(`${plural(restated, 'file')} replaced at the source; the first version was kept too.\n`)
  if (unverified > unpublished)
    terminal.out(
      `${plural(unverified - unpublished, 'file')} not verified yet: the first reader compares the bytes, or lake verify.\n`,
    )
  if (unpublished > 0)
    terminal.out(`${plural(unpublished, 'file')} without a published sha256: nothing can verify them.\n`)
  const fallback = byFile.find(({ reason }) => /failed: /.test(reason))
  if (report.fallbacks > 0 && fallback !== undefined)
    terminal.out(
      `${plural(report.fallbacks, 'file')} took another way in the end, as ${fallback.key}: ${fallback.reason}\n`,
    )
  for (const { key, error } of byFile)
    if (error !== undefined) terminal.err(`lake: ${key}: ${error.message} [${error.code}]\n`)
  terminal.out(`The lake lies in ${lakeUrl}\n`)
}
