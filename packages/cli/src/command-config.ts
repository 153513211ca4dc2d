import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { LakeError } from '@lake/core'
import type { LakeConfig } from '@lake/pipeline'

/** What a `lake.config.js` may say: options of `defineLake`, for every command in its folder. */
export type CommandConfig = Pick<
  LakeConfig,
  'contracts' | 'decimals' | 'exchanges' | 'policy' | 'quarantineLimit' | 'threads' | 'venues'
>

const NAMES = ['lake.config.js', 'lake.config.mjs', 'lake.config.ts'] as const

const MEMBERS: ReadonlySet<string> = new Set<keyof CommandConfig>([
  ...(['contracts', 'decimals', 'exchanges', 'policy', 'quarantineLimit', 'threads', 'venues'] as const),
])

const LISTS = ['contracts', 'exchanges'] as const

/**
 * The default export of `lake.config.js` (`.mjs`, `.ts`) in a folder; nothing without such a file. It is a program of the
 * user's, and runs as one.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when it cannot be loaded, exports no object, or has a member that is not known.
 */
export async function readCommandConfig(folder: string): Promise<CommandConfig> {
  const name = NAMES.find((one) => existsSync(join(folder, one)))
  if (name === undefined) return {}
  const path = join(folder, name)
  const exported = await load(path)
  if (!isObject(exported)) {
    throw refused(path, 'has no default export that is an object. Write export default { contracts: […] }.')
  }
  const unknown = Object.keys(exported).find((member) => !MEMBERS.has(member))
  if (unknown !== undefined) {
    throw refused(path, `has a member '${unknown}', which is none of ${[...MEMBERS].join(', ')}.`)
  }
  const single = LISTS.find((member) => exported[member] !== undefined && !Array.isArray(exported[member]))
  if (single !== undefined) throw refused(path, `has ${single} that are no list.`)
  return exported
}

async function load(path: string): Promise<unknown> {
  try {
    const loaded: unknown = await import(pathToFileURL(path).href)
    return isObject(loaded) && 'default' in loaded ? loaded['default'] : undefined
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    const hint = path.endsWith('.ts')
      ? ' TypeScript needs Node.js 22.18 or newer: name it lake.config.js otherwise.'
      : ''
    throw refused(path, `cannot be loaded: ${why}.${hint}`, cause)
  }
}

/** What its members hold is checked by `defineLake`. */
function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function refused(path: string, why: string, cause?: unknown): LakeError {
  return new LakeError('BAD_REQUEST', `${path} ${why} Nothing was touched.`, { cause, details: { path } })
}
