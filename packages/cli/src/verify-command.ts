import { openStore } from '@lake/storage'
import type { Verification } from '@lake/ingest-s5cmd'
import { verifyLake } from '@lake/pipeline'
import type { CommandContext, CommonOptions } from './command-context.ts'
import { EXIT } from './exit-code.ts'
import { formatBytes, formatCount, plural } from './format-number.ts'
import { sourceUrl } from './named-place.ts'
import { openLake } from './open-lake.ts'

export interface VerifyCommandOptions extends CommonOptions {
  readonly source?: string | undefined
}

/** A line in the log after so many files. */
const LOG_FILES = 1000

/** `lake verify`: every byte of bronze, silver and gold read again. */
export async function verifyCommand(options: VerifyCommandOptions, context: CommandContext): Promise<number> {
  const { terminal, signal, workingDirectory } = context
  const lake = await openLake(options.lake, { workingDirectory })
  const source = options.source === undefined ? undefined : openStore(await sourceUrl(options.source, workingDirectory))
  const states: Record<Verification['state'], number> = {
    verified: 0,
    unverified: 0,
    missing: 0,
    repaired: 0,
    quarantined: 0,
  }
  const problems: Verification[] = []
  let files = 0
  let bytes = 0
  for await (const found of verifyLake(lake, { source, signal })) {
    files++
    bytes += found.size
    states[found.state]++
    if (found.state !== 'verified') problems.push(found)
    if (files % LOG_FILES === 0) terminal.err(`${formatCount(files)} files read\n`)
  }
  if (options.json === true) terminal.out(`${JSON.stringify({ files, bytes, ...states, problems })}\n`)
  else if (files === 0) terminal.out(`There is nothing to verify in ${lake.store.url}. Is it the lake that you mean?\n`)
  else {
    for (const { key, state, quarantineKey, error } of problems) {
      const where = quarantineKey === undefined ? '' : `, its bytes lie in ${quarantineKey}`
      terminal.out(`${state}: ${key}${where}${error === undefined ? '' : ` (${error.message})`}\n`)
    }
    terminal.out(
      `${plural(files, 'file')}, ${formatBytes(bytes)}: ${Object.entries(states)
        .map(([state, count]) => `${formatCount(count)} ${state}`)
        .join(', ')}.\n`,
    )
  }
  // What has no checksum cannot be wrong; what is missing or put aside is left to do.
  return states.missing + states.quarantined === 0 ? EXIT.complete : EXIT.partial
}
