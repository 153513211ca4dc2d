import { formatInstant } from '@lake/core'
import { pruneLake } from '@lake/pipeline'
import type { CommandContext, CommonOptions } from './command-context.ts'
import { EXIT } from './exit-code.ts'
import { formatBytes, plural } from './format-number.ts'
import { noteEmptyLake } from './note-unheld.ts'
import { openLake } from './open-lake.ts'
import { parseDuration } from './parse-duration.ts'
import { parseCount } from './parse-options.ts'
import { textTable } from './text-table.ts'

export interface VersionsCommandOptions extends CommonOptions {
  readonly prune?: boolean | undefined
  readonly keep?: string | undefined
  readonly olderThan?: string | undefined
  readonly dryRun?: boolean | undefined
}

const MICROS_PER_MILLI = 1000

/** `lake versions`: what restatements superseded and the lake keeps; with `--prune`, deletes what is old. */
export async function versionsCommand(
  options: VersionsCommandOptions,
  { terminal, signal, workingDirectory }: CommandContext,
): Promise<number> {
  const lake = await openLake(options.lake, { workingDirectory })
  await noteEmptyLake(lake, terminal)
  const { prune = false, keep, olderThan } = options
  const limits = {
    keep: keep === undefined ? undefined : parseCount('--keep', keep),
    olderThan: olderThan === undefined ? undefined : parseDuration('--older-than', olderThan) * MICROS_PER_MILLI,
  }
  const isListing = !prune || options.dryRun === true
  // Without --prune every version is listed that the limits let through.
  const request = prune ? limits : { ...limits, keep: limits.keep ?? 0 }
  const versions = []
  for await (const one of pruneLake(lake, { ...request, dryRun: isListing }, signal)) versions.push(one)
  const bytes = versions.reduce((sum, one) => sum + one.bytes, 0)
  if (options.json === true) {
    const told = versions.map(({ supersededAt, ...one }) => ({ ...one, supersededAt: formatInstant(supersededAt) }))
    terminal.out(`${JSON.stringify({ versions: told, bytes, pruned: !isListing })}\n`)
    return EXIT.complete
  }
  if (versions.length > 0) {
    const table = textTable(versions, [
      { title: 'superseded', text: ({ supersededAt }) => formatInstant(supersededAt) },
      { title: 'size', text: (one) => formatBytes(one.bytes), align: 'right' },
      { title: 'partition', text: ({ key }) => key },
    ])
    terminal.out(`${table}\n`)
  }
  const what = isListing ? (prune ? ' would be pruned; nothing was (--dry-run)' : ' kept') : ' pruned'
  terminal.out(`${plural(versions.length, 'version')}, ${formatBytes(bytes)},${what}.\n`)
  return EXIT.complete
}
