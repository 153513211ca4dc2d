import { describe, expect, test } from 'vitest'
import { findCycle, layerViolations } from './layers.ts'
import { type Manifest, workspacesIn } from './repository.ts'

const packages = workspacesIn('packages').map(({ manifest }) => manifest)

describe('the layers', () => {
  test.each(packages)('$name depends only on what its layer allows', (manifest) => {
    expect(layerViolations(manifest)).toEqual([])
  })

  test('have no cycle, tests included', () => {
    expect(findCycle(packages)).toBeUndefined()
  })

  test('a stage that reaches for a store, or for another stage, is told', () => {
    expect(layerViolations(manifestOf('@lake/parse', ['@lake/core', '@lake/storage', '@lake/merge']))).toEqual([
      '@lake/parse (stages) must not depend on @lake/storage (foundations)',
      '@lake/parse (stages) must not depend on @lake/merge (stages)',
    ])
  })

  test('core depends on no sibling', () => {
    expect(layerViolations(manifestOf('@lake/core', ['@lake/storage']))).toHaveLength(1)
  })

  test('a heavy dependency away from its home is told', () => {
    expect(layerViolations(manifestOf('@lake/pipeline', ['@duckdb/node-api', '@opentelemetry/api']))).toEqual([
      '@lake/pipeline depends on @duckdb/node-api, whose only home is @lake/catalog',
    ])
  })

  test('a package that nobody placed is told', () => {
    expect(layerViolations(manifestOf('@lake/stray', []))).toHaveLength(1)
  })

  test('a cycle is named in its order', () => {
    const manifests = [manifestOf('a', ['b']), manifestOf('b', ['c']), manifestOf('c', ['b'])]
    expect(findCycle(manifests)).toEqual(['b', 'c', 'b'])
  })
})

function manifestOf(name: string, dependencies: readonly string[]): Manifest {
  return {
    name,
    version: '0.0.0',
    private: false,
    scripts: {},
    bin: {},
    exports: {},
    dependencies: Object.fromEntries(dependencies.map((dependency) => [dependency, '*'])),
    devDependencies: {},
    peerDependencies: {},
  }
}
