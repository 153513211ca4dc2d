import { posix } from 'node:path'
import { describe, expect, test } from 'vitest'
import { importCycles } from './cycles.ts'
import { modulesOf } from './imports.ts'
import { filesUnder, readText, workspacesIn } from './repository.ts'

describe('files that import each other in a circle', () => {
  test.each(workspacesIn('packages'))('are not in $manifest.name', ({ folder }) => {
    const sources = filesUnder(`${folder}/src`).filter((path) => path.endsWith('.ts') && !path.includes('.test'))
    const graph = new Map(sources.map((path) => [path, importedBy(path)]))
    expect(importCycles(graph)).toEqual([])
  })

  test('are found, each circle for itself', () => {
    const graph = new Map(
      Object.entries({ a: ['b', 'd'], b: ['c'], c: ['b', 'x'], d: [], e: ['f'], f: ['g', 'a'], g: ['e'] }),
    )
    expect(importCycles(graph)).toEqual([
      ['b', 'c'],
      ['e', 'f', 'g'],
    ])
  })
})

function importedBy(path: string): string[] {
  const own = modulesOf(readText(path)).filter((name) => name.startsWith('.'))
  return own.map((name) => posix.join(posix.dirname(path), name))
}
