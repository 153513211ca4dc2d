import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serveArchive } from '@lake/ingest-s5cmd/testing'
import { s3Store } from '@lake/storage'
import { findTool, needsTool, startForwardProxy, startS3Server } from '@lake/storage/testing'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { runCommandLine } from './command-line.ts'
import { capturedTerminal } from './testing/captured-terminal.ts'
import { awsVariables, fillWithSample, SAMPLE } from './testing/sample-server.ts'

const FUNDING = 'binance/um/fundingRate/BTCUSDT'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lake-cli-'))
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true })
})

test('a mirror on the web is the source of discover, sync and run', async () => {
  await using mirror = await serveArchive({ root: SAMPLE })
  await expectTaken(['--source', mirror.url])
  expect(mirror.requests.length).toBeGreaterThan(0)
})

test('a mirror in S3 is the source of discover, sync and run, and the lake keeps its own server', async ({ skip }) => {
  if (findTool('versitygw') === undefined) skip(needsTool('versitygw'))
  await using own = await startS3Server({ buckets: ['lake'] })
  await using mirror = await startS3Server({ buckets: ['mirror'] })
  await fillWithSample(s3Store({ bucket: 'mirror', ...mirror }))
  for (const [name, value] of Object.entries(awsVariables(own))) vi.stubEnv(name, value)
  const source = ['--source', 's3://mirror', '--source-endpoint', mirror.endpoint]
  await expectTaken([...source, '--lake', 's3://lake/one'])
  // Two servers cannot copy from one to the other.
  const plan = await lake('sync', ...source, '--dataset', FUNDING, '--lake', 's3://lake/two', '--dry-run')
  expect(plan.out).toContain('The buckets are on different servers')
  const writes = (await mirror.requests()).filter(({ operation }) => /^(Put|Copy|Delete)/.test(operation))
  expect(writes.filter(({ path }) => path.startsWith('lake'))).toEqual([])
})

test('discover, sync and run reach a source and a lake by way of the proxy that the environment names', async ({
  skip,
}) => {
  if (findTool('versitygw') === undefined) skip(needsTool('versitygw'))
  await using archive = await serveArchive({ root: SAMPLE })
  await using server = await startS3Server({ buckets: ['lake'] })
  const hosts = { 'archive.test': new URL(archive.url).host, 's3.test': new URL(server.endpoint).host }
  await using proxy = await startForwardProxy({ hosts })
  for (const name of ['https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY', 'no_proxy', 'NO_PROXY'])
    vi.stubEnv(name, '')
  vi.stubEnv('http_proxy', '')
  vi.stubEnv('HTTP_PROXY', proxy.url)
  const variables = awsVariables({ ...server, endpoint: 'http://s3.test' })
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
  await expectTaken(['--source', 'http://archive.test', '--lake', 's3://lake'])
  const asked = (part: string) => proxy.requests.filter((request) => request.includes(part)).length
  // Each of them, and nothing besides.
  expect(asked(' http://archive.test/')).toBe(archive.requests.length)
  expect(asked('PUT http://s3.test/lake/bronze/')).toBeGreaterThan(0)
  expect((await server.requests()).length).toBeLessThanOrEqual(proxy.requests.length)
})

/** Looks what is there, takes a file into bronze, and makes rows of it. */
async function expectTaken(place: readonly string[]): Promise<void> {
  const found = await lake('discover', ...place, '--market', 'um', '--type', 'fundingRate', '--json')
  expect(found).toMatchObject({ code: 0 })
  expect(found.out).toContain('"fundingRate"')
  const synced = await lake('sync', ...place, '--dataset', FUNDING, '--json')
  expect(synced).toMatchObject({ code: 0 })
  expect(JSON.parse(synced.out)).toMatchObject({ files: 1, failed: 0 })
  const run = await lake('run', ...place, '--dataset', FUNDING, '--json')
  expect(JSON.parse(run.out)).toMatchObject({ datasets: [{ files: 1, filesTransferred: 0 }], failures: [] })
}

async function lake(...argv: readonly string[]) {
  const terminal = capturedTerminal()
  const signal = new AbortController().signal
  const code = await runCommandLine({ argv, terminal, workingDirectory: folder, signal })
  return { code, out: terminal.stdout(), err: terminal.stderr() }
}
