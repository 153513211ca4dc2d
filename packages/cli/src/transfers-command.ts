import { readTransferHistory, type TransferHistory, type TransferReport } from '@lake/ingest-s5cmd'
import type { CommandContext, CommonOptions } from './command-context.ts'
import { EXIT } from './exit-code.ts'
import { formatBytes, formatCount, plural } from './format-number.ts'
import { openLake } from './open-lake.ts'
import { parseCount } from './parse-options.ts'
import type { Terminal } from './terminal.ts'
import { textTable } from './text-table.ts'

export interface TransfersCommandOptions extends CommonOptions {
  readonly last: string
}

/** `lake transfers`: what each sync has moved, in which way, and what it would have cost by way of this machine. */
export async function transfersCommand(options: TransfersCommandOptions, context: CommandContext): Promise<number> {
  const { terminal, signal, workingDirectory } = context
  const { store } = await openLake(options.lake, { workingDirectory })
  const history = await readTransferHistory({ store, last: parseCount('--last', options.last), signal })
  if (options.json === true) {
    const { reports, unreadable, trend } = history
    // What became of each file is in the stored report.
    const transfers = reports.map((stored) => {
      const { byFile: _, ...report } = stored
      return report
    })
    terminal.out(`${JSON.stringify({ transfers, trend, unreadable })}\n`)
  } else printHistory(history, store.url, terminal)
  return history.unreadable.length === 0 ? EXIT.complete : EXIT.partial
}

function printHistory({ reports, trend, unreadable }: TransferHistory, lakeUrl: string, terminal: Terminal): void {
  if (reports.length === 0)
    terminal.out(`Nothing was transferred into ${lakeUrl} yet. Do it with: lake sync --source URL\n`)
  else {
    terminal.out(
      textTable(reports, [
        { title: 'started', text: ({ startedAt }) => startedAt.slice(0, 19).replace('T', ' ') },
        { title: 'way', text: wayOf },
        {
          title: 'moved',
          text: (report) => formatCount(report.modes.direct + report.modes.traditional),
          align: 'right',
        },
        { title: 'skipped', text: ({ skipped }) => formatCount(skipped), align: 'right' },
        { title: 'failed', text: ({ failed }) => formatCount(failed), align: 'right' },
        { title: 'bytes', text: ({ bytesMoved }) => formatBytes(bytesMoved), align: 'right' },
        { title: 'MB/s', text: ({ megabytesPerSecond }) => megabytesPerSecond.toFixed(1), align: 'right' },
        { title: 'requests', text: ({ requests }) => formatCount(requests), align: 'right' },
        { title: '(down and up)', text: ({ traditionalWay }) => formatCount(traditionalWay.requests), align: 'right' },
        { title: 'through here', text: ({ bytesThroughClient }) => formatBytes(bytesThroughClient), align: 'right' },
        {
          title: '(down and up)',
          text: ({ traditionalWay }) => formatBytes(traditionalWay.bytesThroughClient),
          align: 'right',
        },
      ]),
    )
    terminal.out('\n')
    for (const way of ['direct', 'traditional'] as const) {
      const { runs, megabytesPerSecond, change } = trend[way]
      if (runs === 0) continue
      const last = runs > 1 ? `, the last one ${percent(change)} of the median before it` : ''
      terminal.out(`${way}: ${plural(runs, 'transfer')}, ${megabytesPerSecond.toFixed(1)} MB/s in the median${last}.\n`)
    }
    if (trend.speedup !== undefined)
      terminal.out(`The direct way was ${trend.speedup.toFixed(2)} times as fast as the traditional one.\n`)
    terminal.out(`${Math.round(100 * trend.bytesKeptOffClient)} % of all bytes did not pass through this machine.\n`)
  }
  for (const key of unreadable) terminal.err(`lake: the report ${key} cannot be read. Delete it.\n`)
}

function wayOf({ modes: { direct, traditional } }: TransferReport): string {
  if (direct > 0 && traditional > 0) return 'both'
  if (direct > 0) return 'direct'
  return traditional > 0 ? 'traditional' : '-'
}

function percent(change: number): string {
  return `${Math.round(100 * (1 + change))} %`
}
