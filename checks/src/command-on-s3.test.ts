import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readObject } from '@lake/core'
import { serveArchive } from '@lake/ingest-s5cmd/testing'
import { fileStore, s3Store } from '@lake/storage'
import { findTool, needsTool, startForwardProxy, startS3Server } from '@lake/storage/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { root } from './repository.ts'
import { runNode } from './run-program.ts'

/*
 * The command as it is shipped: a bundle, in which packages that stay outside of it are loaded when they are needed.
 */

const COMMAND = join(root, 'packages/cli/bin/lake.js')
const SAMPLE = join(root, 'fixtures/archive')
const DATASET = 'binance/um/fundingRate/BTCUSDT'

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lake-shipped-'))
})

afterAll(() => {
  rmSync(folder, { recursive: true })
})

test('the shipped command takes an archive from bucket to bucket, and makes Parquet of it', async ({ skip }) => {
  if (findTool('versitygw') === undefined) skip(needsTool('versitygw'))
  await using server = await startS3Server({ buckets: ['archive', 'lake'] })
  const sample = fileStore({ root: SAMPLE })
  const archive = s3Store({ bucket: 'archive', ...server })
  for await (const { key } of sample.list()) await archive.put(key, await readObject(sample, key))
  const environment = {
    AWS_ACCESS_KEY_ID: server.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: server.credentials.secretAccessKey,
    AWS_ENDPOINT_URL_S3: server.endpoint,
    AWS_REGION: server.region,
  }
  const argv = ['run', '--source', 's3://archive', '--lake', 's3://lake', '--dataset', DATASET, '--json']
  const { code, stdout, stderr } = await runNode([COMMAND, ...argv], folder, environment)
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('DEFECT') as unknown })
  expect(JSON.parse(stdout)).toMatchObject({ datasets: [{ files: 1, filesTransferred: 1 }], failures: [] })
  const keys: string[] = []
  for await (const { key } of s3Store({ bucket: 'lake', ...server }).list({ prefix: 'silver/' })) keys.push(key)
  expect(keys).toEqual([expect.stringMatching(/2026-04\.parquet$/)])
})

test('the shipped command reaches an archive by way of a proxy', async () => {
  await using archive = await serveArchive({ root: SAMPLE })
  await using proxy = await startForwardProxy({ hosts: { 'archive.test': new URL(archive.url).host } })
  const argv = ['discover', '--source', 'http://archive.test', '--market', 'um', '--type', 'fundingRate', '--json']
  const environment = { HTTP_PROXY: proxy.url, http_proxy: '', NO_PROXY: '', no_proxy: '' }
  const { code, stdout, stderr } = await runNode([COMMAND, ...argv], folder, environment)
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('DEFECT') as unknown })
  expect(stdout).toContain('"fundingRate"')
  expect(proxy.requests.length).toBeGreaterThan(0)
})
