import { formatDatasetId } from '@lake/core'
import type { RunPlan } from '@lake/pipeline'
import { formatBytes, plural } from './format-number.ts'
import type { Terminal } from './terminal.ts'
import { textTable } from './text-table.ts'

/** Prints what a run would take, file by file with the reason, and moves nothing. */
export function printPlan(
  plan: RunPlan,
  { terminal, json }: { readonly terminal: Terminal; readonly json: boolean },
): void {
  const files = plan.datasets.flatMap(({ dataset, months }) =>
    months.flatMap((month) =>
      month.files.map(({ key, size, reason }) => ({ dataset: formatDatasetId(dataset), key, bytes: size, reason })),
    ),
  )
  const bytes = plan.datasets.reduce((sum, dataset) => sum + dataset.bytes, 0)
  if (json) {
    terminal.out(`${JSON.stringify({ dryRun: true, files, bytes })}\n`)
    return
  }
  terminal.out(
    textTable(files, [
      { title: 'file', text: (file) => file.key },
      { title: 'size', text: (file) => formatBytes(file.bytes), align: 'right' },
      { title: 'why', text: (file) => file.reason },
    ]),
  )
  terminal.out(`\n${plural(files.length, 'file')}, ${formatBytes(bytes)}. Nothing was moved (--dry-run).\n`)
}
