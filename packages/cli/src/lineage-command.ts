import {
  formatInstant,
  LakeError,
  manifestPrefix,
  parseDatasetId,
  parsePartitionKey,
  type Series,
  silverSeries,
} from '@lake/core'
import { filesAt, type LineageNode, type Manifest } from '@lake/ledger'
import type { Lake } from '@lake/pipeline'
import type { CommandContext, CommonOptions } from './command-context.ts'
import { EXIT } from './exit-code.ts'
import { plural } from './format-number.ts'
import { openLake } from './open-lake.ts'
import { parseMoment } from './parse-options.ts'

export interface LineageCommandOptions extends CommonOptions {
  readonly month?: string | undefined
  readonly asOf?: string | undefined
}

/** What of a lake to trace. */
interface LineageScope {
  readonly month: string | undefined
  /** As the lake stood then, epoch microseconds UTC; as it is when absent. */
  readonly asOf: number | undefined
  readonly signal: AbortSignal
}

/** `lake lineage`: from partitions back to the bytes that came from outside. */
export async function lineageCommand(
  key: string,
  options: LineageCommandOptions,
  { terminal, signal, workingDirectory }: CommandContext,
): Promise<number> {
  const lake = await openLake(options.lake, { workingDirectory })
  const nodes: TracedNode[] = []
  const scope = { month: options.month, asOf: parseMoment('--as-of', options.asOf), signal }
  for (const one of await keysOf(lake, key, scope)) {
    nodes.push({ ...(await lake.ledger.lineage(one.key)), ...(one.hasGrown ? { hasGrown: true } : {}) })
  }
  if (options.json === true) terminal.out(`${JSON.stringify({ lineage: nodes.map(jsonNode) })}\n`)
  else terminal.out(nodes.map((node) => lines(node, '', '').join('\n')).join('\n\n') + '\n')
  return EXIT.complete
}

/** A node of lineage; `hasGrown` where rows were added since the moment that was asked for, which keeps no version. */
interface TracedNode extends LineageNode {
  readonly hasGrown?: boolean | undefined
}

/** Where the bytes of a partition lie. */
interface TracedKey {
  readonly key: string
  readonly hasGrown: boolean
}

/** A path to a file of the lake in a folder works as its key does. */
const FILE = /(?:^|\/)((?:silver|gold|_lake\/versions)\/.+\.parquet)$/

async function keysOf(lake: Lake, text: string, scope: LineageScope): Promise<TracedKey[]> {
  const { month, asOf, signal } = scope
  const [, key] = FILE.exec(text) ?? []
  if (key !== undefined && asOf === undefined) return [{ key, hasGrown: false }]
  const partition = key === undefined ? undefined : parsePartitionKey(key)
  if (key !== undefined && partition === undefined) throw versionAsOf(key)
  const series: Series = partition?.series ?? silverSeries(parseDatasetId(text))
  const keys: TracedKey[] = []
  for await (const manifest of lake.ledger.manifests({ prefix: manifestPrefix(series), signal })) {
    if (month !== undefined && manifest.month !== month) continue
    const found = filesOf(manifest, asOf)
    keys.push(...found.filter(({ label }) => label === (partition?.label ?? label)))
  }
  if (keys.length > 0) return keys
  const when = `${month === undefined ? '' : ` in ${month}`}${asOf === undefined ? '' : ` as it stood at ${formatInstant(asOf)}`}`
  throw new LakeError('NOT_FOUND', `The lake has no partition of ${text}${when}. See what it has with lake status.`, {
    details: { dataset: text, month, asOf },
  })
}

/** Where the bytes of the partitions lie that a month has, or had. */
function filesOf(manifest: Manifest, asOf: number | undefined): readonly (TracedKey & { readonly label: string })[] {
  if (asOf === undefined) return manifest.files.map(({ label, key }) => ({ label, key, hasGrown: false }))
  return filesAt(manifest, asOf).map(({ file: { label }, key, hidden }) => ({
    label,
    key,
    hasGrown: hidden.length > 0,
  }))
}

function versionAsOf(key: string): LakeError {
  return new LakeError('BAD_REQUEST', `${key} is one version and no other at any time: leave out --as-of.`, {
    details: { key, option: '--as-of' },
  })
}

/** The tree as lines: a file, what it is, and below it what it was made of. */
function lines(node: TracedNode, first: string, next: string): string[] {
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

function factsOf({ sha256, state, revision, rows, options = {}, commit, hasGrown }: TracedNode): string[] {
  const about = [
    `sha256 ${sha256}`,
    ...(rows === undefined ? [] : [plural(rows, 'row')]),
    ...(revision === undefined ? [] : [`revision ${revision}`]),
    ...Object.entries(options).map(([name, value]) => `${name} ${String(value)}`),
    ...(STATES[state] === '' ? [] : [STATES[state]]),
    ...(hasGrown === true
      ? ['rows were added since the moment asked for: hash, rows and inputs are those of later']
      : []),
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
