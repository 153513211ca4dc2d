import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { LakeError, readObject } from '@lake/core'
import { startArchiveServer } from '@lake/core/testing'
import { expect, onTestFinished, test } from 'vitest'
import { openStore } from './open-store.ts'

const here = (path: string): string => pathToFileURL(join(process.cwd(), path)).href

test.each([
  ['./lake data', here('lake data')],
  ['lake-data', here('lake-data')],
  ['100%/a', here('100%/a')],
  ['/data/lake', 'file:///data/lake'],
  ['/data/../data/lake/', 'file:///data/lake'],
  ['C', here('C')],
  ['file:./lake-data', here('lake-data')],
  ['file:lake%20data', here('lake%20data')],
  ['file:/data/lake', 'file:///data/lake'],
  ['file:///data/my%20lake', 'file:///data/my%20lake'],
  ['FILE:///data/lake', 'file:///data/lake'],
  ['memory:', 'memory:'],
  ['https://data.binance.vision', 'https://data.binance.vision/'],
  ['https://user:secret@host/some/path', 'https://host/some/path/'],
  ['http://127.0.0.1:9000/bucket/', 'http://127.0.0.1:9000/bucket/'],
  ['s3://my-bucket', 's3://my-bucket'],
  ['s3://my-bucket/', 's3://my-bucket'],
  ['S3://my.bucket/my lake/100%?/', 's3://my.bucket/my lake/100%?'],
])('openStore(%j) is the store at %s', (url, expected) => {
  expect(openStore(url).url).toBe(expected)
})

test.each([
  ['', 'BAD_REQUEST'],
  ['file:', 'BAD_REQUEST'],
  ['file://./lake', 'BAD_REQUEST'],
  ['file://host/lake', 'BAD_REQUEST'],
  ['ftp://host/lake', 'BAD_REQUEST'],
  ['s3://', 'BAD_REQUEST'],
  ['s3:bucket/lake', 'BAD_REQUEST'],
  ['s3://key:secret@bucket/lake', 'BAD_REQUEST'],
  ['s3://bucket//lake', 'BAD_REQUEST'],
])('openStore(%j) is refused as %s', (url, code) => {
  const error = errorOf(() => openStore(url))
  expect(error.code).toBe(code)
  expect(error.message).toMatch(/\. Write a folder|: (write|it has) /)
  expect(error.message).not.toContain('secret')
})

test('openStore hands its options to the web store', async () => {
  const server = await startArchiveServer({ objects: new Map([['a', Uint8Array.of(1)]]) })
  onTestFinished(async () => server.close())
  const asked: string[] = []
  const store = openStore('http://elsewhere.test/', {
    listingUrl: `${server.url}bucket`,
    retries: 0,
    fetch: async (input, init) => {
      const url = new Request(input).url
      asked.push(url)
      return fetch(new URL(new URL(url).search || 'a', server.url), init)
    },
  })
  for await (const { key } of store.list()) expect(await readObject(store, key)).toEqual(Uint8Array.of(1))
  expect(asked).toEqual([`${server.url}bucket?prefix=&max-keys=1000`, 'http://elsewhere.test/a'])
})

test('openStore opens stores that keep what is put', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lake-open-'))
  onTestFinished(async () => rm(folder, { recursive: true }))
  await openStore(`file:${folder}/a%20b`).put('x', Uint8Array.of(1))
  await openStore(pathToFileURL(join(folder, 'a%20b')).href).put('y', Uint8Array.of(2))
  const store = openStore(join(folder, 'a%20b'))
  expect([...(await readObject(store, 'x')), ...(await readObject(store, 'y'))]).toEqual([1, 2])
})

function errorOf(work: () => unknown): LakeError {
  try {
    work()
  } catch (error) {
    if (LakeError.is(error)) return error
  }
  return expect.fail('expected a LakeError')
}
