import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileStore, memoryStore, openStore, s3Store } from '@lake/storage'
import { findTool, needsTool, startS3Server } from '@lake/storage/testing'
import { expect, onTestFinished, test } from 'vitest'
import { defineLake, runPipeline } from './index.ts'
import { contentOf, SAMPLE } from './testing/fixtures.ts'
import { SAMPLE_DATASETS } from './testing/sample-datasets.ts'

test('a lake in S3 has the same silver and gold as one in a folder, and a second run writes nothing but its report', async ({
  skip,
}) => {
  if (findTool('versitygw') === undefined) skip(needsTool('versitygw'))
  await using server = await startS3Server({ buckets: ['lake', 'archive'], policies: { archive: 'public-read' } })
  const store = s3Store({ bucket: 'lake', prefix: 'my lake', ...server })
  const lake = defineLake({ lake: store })
  const request = { source: SAMPLE, datasets: SAMPLE_DATASETS }

  const first = await runPipeline(lake, request)
  expect(first.failures).toEqual([])
  const folder = await mkdtemp(join(tmpdir(), 'lake-'))
  onTestFinished(async () => rm(folder, { recursive: true }))
  const local = fileStore({ root: folder })
  await runPipeline(defineLake({ lake: local }), request)
  expect(await contentOf(store, 'silver/', 'gold/')).toEqual(await contentOf(local, 'silver/', 'gold/'))

  const before = await contentOf(store, 'bronze/', 'silver/', 'gold/', '_lake/manifests/', '_lake/inventory/')
  const written = (await server.requests()).length
  const second = await runPipeline(lake, request)
  expect(second.failures).toEqual([])
  expect(second.datasets.map(({ partitions, bytes }) => ({ partitions, bytes }))).toEqual(
    SAMPLE_DATASETS.map(() => ({ partitions: 0, bytes: 0 })),
  )
  expect(await contentOf(store, 'bronze/', 'silver/', 'gold/', '_lake/manifests/', '_lake/inventory/')).toEqual(before)
  const changes = (await server.requests())
    .slice(written)
    .filter(({ operation }) => /^(Put|Copy|Delete|Complete|Create)/.test(operation))
  expect(changes.filter(({ path }) => !path.startsWith('lake/my lake/_lake/runs/'))).toEqual([])

  // An archive in S3, too, is only another place to list and read.
  const archive = s3Store({ bucket: 'archive', ...server })
  const sample = fileStore({ root: SAMPLE })
  for await (const { key } of sample.list()) await archive.put(key, (await sample.get(key)).body)
  const source = openStore('s3://archive', { endpoint: server.endpoint, anonymous: true })
  const copied = memoryStore()
  expect((await runPipeline(defineLake({ lake: copied }), { ...request, source })).failures).toEqual([])
  expect(await contentOf(copied, 'silver/', 'gold/')).toEqual(await contentOf(local, 'silver/', 'gold/'))
}, 60_000)
