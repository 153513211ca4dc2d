import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { root } from './repository.ts'
import { runNode } from './run-program.ts'

// Below `checks`, so that the packages of the repository are found as an installed copy would be.
let parent: string
let folder: string

beforeAll(async () => {
  parent = mkdtempSync(join(root, 'checks/scaffold-'))
  folder = join(parent, 'harbor')
  const { code, stderr } = await runNode(
    [join(root, 'packages/cli/bin/lake.js'), 'new-exchange', 'harbor', '--into', folder],
    root,
  )
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
})

afterAll(() => {
  rmSync(parent, { recursive: true })
})

const program = (path: string): string => join(root, 'node_modules', path)

test('what lake new-exchange makes is sound to the compiler', async () => {
  const { code, stdout } = await runNode([program('typescript/bin/tsc'), '-p', folder], folder)
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
})

test('its tests pass, and are those of the whole contract', async () => {
  const { code, stdout } = await runTests()
  expect(code).toBe(0)
  expect(stdout).toMatch(/Tests +\d\d passed/)
})

test('its recorder keeps an answer of the venue, with which the tests still pass', async () => {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    response.end('{"data":[["1704067200000","1","3","0.5","2","10"]]}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const argv = ['record-fixtures.mjs', `http://127.0.0.1:${port}`, '2024-01-01T01:00:00Z']
    const { code, stdout, stderr } = await runNode(argv, folder)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('harbor-klines.json: 1 rows')
  } finally {
    server.close()
    server.closeAllConnections()
  }
  expect(asked).toEqual(['/v1/klines?symbol=BTCUSDT&interval=1m&start=1704067200000&end=1704070799999&limit=5'])
  expect(readdirSync(join(folder, 'fixtures')).sort()).toEqual(['fixtures.json', 'harbor-klines.json', 'klines.json'])
  expect(readFileSync(join(folder, 'fixtures/fixtures.json'), 'utf8')).toContain('"file": "harbor-klines.json"')
  expect((await runTests()).code).toBe(0)
})

async function runTests() {
  return runNode([program('vitest/vitest.mjs'), 'run', '--no-color'], folder)
}
