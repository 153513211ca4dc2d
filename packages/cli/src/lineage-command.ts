import { formatInstant, LakeError, manifestPrefix, parseDatasetId, silverSeries } from '@lake/core'
import type { LineageNode } from '@lake/ledger'
import { type Lake } from '@lake/pipeline'
import type { CommandContext, CommonOptions } from './command-context.ts'
import { EXIT } from './exit-code.ts'
import { plural } from './format-number.ts'
import { openLake } from './open-lake.ts'

export interface LineageCommandOptions extends CommonOptions {
  readonly month?: string | undefined
}

/** `lake lineage`: from partitions back to the bytes that came from outside. */
export async function lineageCommand(
  key: string,
  options: LineageCommandOptions,
  { terminal, signal, workingDirectory }: CommandContext,
): Promise<number> {
  const lake = await openLake(options.lake, { workingDirectory })
  const nodes: LineageNode[] = []
  for (const one of await keysOf(lake, key, options, signal)) nodes.push(await lake.ledger.lineage(one))
  if (options.json === true) terminal.out(`${JSON.stringify({ lineage: nodes.map(jsonNode) })}\n`)
  else terminal.out(nodes.map((node) => lines(node, '', '').join('\n')).join('\n\n') + '\n')
  return EXIT.complete
}

/** A path to a file of the lake in a folder works as its key does. */
const FILE = /(?:^|\/)((?:silver|gold|_lake\/versions)\/.+\.parquet)$/

async function keysOf(
  lake: Lake,
  text: string,
  { month }: LineageCommandOptions,
  signal: AbortSignal,
): Promise<string[]> {
  const [, key] = FILE.exec(text) ?? []
  if (key !== undefined) return [key]
  const keys: string[] = []
  for await (const manifest of lake.ledger.manifests({
    prefix: manifestPrefix(silverSeries(parseDatasetId(text))),
    signal,
  })) {
    if (month === undefined || manifest.month === month) keys.push(...manifest.files.map((file) => file.key))
  }
  if (keys.length > 0) return keys
  const when = month === undefined ? '' : ` in ${month}`
  throw new LakeError('NOT_FOUND', `The lake has no partition of ${text}${when}. See what it has with lake status.`, {
    details: { dataset: text, month },
  })
}

/** The tree as lines: a file, what it is, and below it what it was made of. */
function lines(node: LineageNode, first: string, next: string): string[] {
  const { key, inputs } = node
  const own = [`${first}${key}`, ...factsOf(node).map((fact) => `${next}${inputs.length > 0 ? '│' : ' '}    ${fact}`)]
  return [
    ...own,
    ...inputs.flatMap((input, at) => {
      const isLast = at === inputs.length - 1
      return lines(input, `${next}${isLast ? '└─ ' : '├─ '}`, `${next}${isLast ? '   ' : '│  '}`)
    }),
  ]
}

const STATES: Readonly<Record<LineageNode['state'], string>> = {
  received: 'as received',
  current: '',
  superseded: 'superseded since, kept in _lake/versions',
  grown: 'rows were added since, so these bytes are gone',
}

function factsOf({ sha256, state, revision, rows, options = {}, commit }: LineageNode): string[] {
  const about = [
    `sha256 ${sha256}`,
    ...(rows === undefined ? [] : [plural(rows, 'row')]),
    ...(revision === undefined ? [] : [`revision ${revision}`]),
    ...Object.entries(options).map(([name, value]) => `${name} ${String(value)}`),
    ...(STATES[state] === '' ? [] : [STATES[state]]),
  ]
  if (commit === undefined) return [about.join(', ')]
  const by = commit.run === undefined ? '' : ` by the run ${commit.run}`
  return [about.join(', '), `committed ${formatInstant(commit.at)}${by}`]
}

function jsonNode({ commit, inputs, ...node }: LineageNode): Record<string, unknown> {
  const times = commit && {
    ...commit,
    at: formatInstant(commit.at),
    ...(commit.since === undefined ? {} : { since: formatInstant(commit.since) }),
  }
  return { ...node, ...(times === undefined ? {} : { commit: times }), inputs: inputs.map(jsonNode) }
}
