import { describe, expect, test } from 'vitest'
import { arrowViolations, importViolations, modulesOf } from './imports.ts'
import { filesUnder, readText, readWorkspace, workspacesIn } from './repository.ts'

const packages = workspacesIn('packages')

describe('the imports', () => {
  test.each(packages)('of $manifest.name are declared, and stay within its package', (workspace) => {
    const sources = filesUnder(`${workspace.folder}/src`).filter((path) => path.endsWith('.ts'))
    expect(sources.length).toBeGreaterThan(0)
    expect(sources.flatMap((path) => importViolations(workspace, path, readText(path)))).toEqual([])
  })

  test.each(packages)('$manifest.name has no apache-arrow of its own', ({ manifest }) => {
    expect(arrowViolations(manifest)).toEqual([])
  })

  test.each([
    ['import x from "left-pad"', /left-pad, which @lake\/parse does not declare/],
    ['export type { Y } from "@lake/merge"', /@lake\/merge, which @lake\/parse does not declare/],
    ['const z = await import("@lake/merge/deep")', /@lake\/merge\/deep, which/],
    ['import { readFile } from "node:fs/promises"', /does no I\/O/],
    ['import { join } from "path"', /write node:path/],
    ['import { open } from "../../storage/src/index.ts"', /outside of its package/],
    ['import { faultyStore } from "@lake/core/testing"', /for tests only/],
    ['import { test } from "vitest"', /does not declare/],
  ])('of a stage: %s is told', (text, message) => {
    const problems = importViolations(readWorkspace('packages/parse'), 'packages/parse/src/x.ts', text)
    expect(problems).toEqual([expect.stringMatching(message)])
  })

  test('of a test may name test tools and conformance suites', () => {
    const text = 'import { test } from "vitest"\nimport { faultyStore } from "@lake/core/testing"'
    expect(importViolations(readWorkspace('packages/parse'), 'packages/parse/src/x.test.ts', text)).toEqual([])
  })

  test('in comments and strings are none', () => {
    expect(modulesOf('// import a from "a"\nconst s = `import b from "b"`\nimport { c } from "./c.ts"')).toEqual([
      './c.ts',
    ])
  })
})
