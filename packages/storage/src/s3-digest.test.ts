import { createHash } from 'node:crypto'
import { beforeEach, expect, test } from 'vitest'
import { memoryStore } from './memory-store.ts'
import { createClient } from './s3-client.ts'
import { storedSha256 } from './s3-digest.ts'
import { s3Store } from './s3-store.ts'
import { findTool, needsTool } from './testing/find-tool.ts'
import { startS3Server } from './testing/s3-server.ts'

beforeEach(({ skip }) => {
  if (findTool('versitygw') === undefined) skip(needsTool('versitygw'))
})

test('a server tells the sha256 that it has of an object, and of its copies; of others it tells none', async () => {
  await using server = await startS3Server({ buckets: ['lake'] })
  const { endpoint, region, credentials } = server
  const store = s3Store({ bucket: 'lake', prefix: 'a', endpoint, credentials })
  const { accessKeyId, secretAccessKey } = credentials
  const client = await createClient({
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle: true,
  })
  const Body = Buffer.from('three')
  await client.putObject({ Bucket: 'lake', Key: 'a/with', Body, ChecksumAlgorithm: 'SHA256' })
  await client.copyObject({ Bucket: 'lake', Key: 'a/copy', CopySource: 'lake/a/with' })
  await store.put('without', Body)
  client.destroy()
  const digest = createHash('sha256').update(Body).digest('hex')
  const ask = storedSha256(store)
  expect(await Promise.all(['with', 'copy', 'without'].map(async (key) => ask?.(key)))).toEqual([
    digest,
    digest,
    undefined,
  ])
  await expect(ask?.('absent')).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test('a store of another kind has no such question', () => {
  expect(storedSha256(memoryStore())).toBeUndefined()
})
