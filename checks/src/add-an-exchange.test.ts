import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readText, root } from './repository.ts'
import { runNode } from './run-program.ts'

const FOLDER = 'examples/add-an-exchange'

test('an exchange with archive, REST and live is less than a hundred lines, by what packages export', () => {
  const adapter = readText(`${FOLDER}/harbor.mjs`)
  expect(adapter.trimEnd().split('\n').length).toBeLessThan(100)
  for (const part of ['defineBucketArchive(', 'rest: {', 'live: {']) expect(adapter).toContain(part)
  const imported = [...adapter.matchAll(/from '([^']+)'/g)].map(([, name]) => name)
  expect(imported).toEqual(['@lake/core', '@lake/exchanges'])
})

test('it passes the conformance suite', async () => {
  const argv = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--no-color']
  const { code, stdout } = await runNode(argv, join(root, FOLDER))
  expect(stdout).toMatch(/Tests +\d\d passed/)
  expect(code).toBe(0)
})
