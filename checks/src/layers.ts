import type { Manifest } from './repository.ts'

/** The layers from the bottom up, and what stands in each; a package imports `core` and what its layer allows. */
const LAYERS = {
  foundations: ['storage', 'parquet', 'ledger', 'exchanges'],
  stages: ['parse', 'merge', 'quality', 'resample', 'enrich'],
  edges: ['ingest-s5cmd', 'ingest-ccxt', 'catalog', 'observe'],
  pipeline: ['pipeline'],
  surfaces: ['cli', 'console', 'runner-temporal'],
} as const

type Layer = keyof typeof LAYERS

const ALLOWED: Readonly<Record<Layer, readonly Layer[]>> = {
  foundations: [],
  stages: [],
  edges: ['foundations'],
  pipeline: ['foundations', 'stages', 'edges'],
  surfaces: ['foundations', 'edges', 'pipeline'],
}

/** Heavy dependencies and their only homes. */
const HOMES: readonly (readonly [dependency: RegExp, home: string])[] = [
  [/^hyparquet/, '@lake/parquet'],
  [/^@duckdb\//, '@lake/catalog'],
  [/^ccxt$/, '@lake/ingest-ccxt'],
  [/^@aws-sdk\//, '@lake/storage'],
  [/^@opentelemetry\/(?!api$)/, '@lake/observe'],
  [/^@temporalio\//, '@lake/runner-temporal'],
]

/** The layer of a package by its name; `undefined` for `@lake/core`, which everything may import, and for strangers. */
export function layerOf(name: string): Layer | undefined {
  const short = name.replace('@lake/', '')
  return LAYER_NAMES.find((layer) => LAYERS[layer].some((member) => member === short))
}

/** What in a package's dependencies breaks the rule of the layers, as sentences. */
export function layerViolations(manifest: Manifest): string[] {
  const { name } = manifest
  const layer = layerOf(name)
  if (layer === undefined && name !== '@lake/core')
    return [`${name} stands in no layer: add it to checks/src/layers.ts`]
  const problems: string[] = []
  for (const dependency of Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })) {
    const home = HOMES.find(([pattern]) => pattern.test(dependency))?.[1]
    if (home !== undefined && home !== name)
      problems.push(`${name} depends on ${dependency}, whose only home is ${home}`)
    if (!dependency.startsWith('@lake/') || dependency === '@lake/core') continue
    const target = layerOf(dependency)
    const allowed = layer !== undefined && target !== undefined && ALLOWED[layer].includes(target)
    if (!allowed)
      problems.push(`${name} (${layer ?? 'core'}) must not depend on ${dependency} (${target ?? 'no layer'})`)
  }
  return problems
}

/** The first cycle among workspace packages, tests included, as names; `undefined` when there is none. */
export function findCycle(manifests: readonly Manifest[]): string[] | undefined {
  const byName = new Map(manifests.map((manifest) => [manifest.name, manifest]))
  const finished = new Set<string>()
  const visit = (name: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name]
    const manifest = byName.get(name)
    if (manifest === undefined || finished.has(name)) return undefined
    for (const next of Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })) {
      const cycle = visit(next, [...path, name])
      if (cycle !== undefined) return cycle
    }
    finished.add(name)
    return undefined
  }
  for (const { name } of manifests) {
    const cycle = visit(name, [])
    if (cycle !== undefined) return cycle
  }
  return undefined
}

const LAYER_NAMES: readonly Layer[] = ['foundations', 'stages', 'edges', 'pipeline', 'surfaces']
