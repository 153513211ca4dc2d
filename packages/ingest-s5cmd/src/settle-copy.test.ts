import { createHash } from 'node:crypto'
import { type ObjectStore, parseDatasetId, parsePeriod } from '@lake/core'
import { memoryStore } from '@lake/storage'
import { describe, expect, test } from 'vitest'
import { settleCopy } from './settle-copy.ts'
import type { MovedFile } from './transfer-context.ts'

const BYTES = Buffer.from('what was copied')
const SHA256 = createHash('sha256').update(BYTES).digest('hex')

describe('settleCopy', () => {
  test('gives the digest of what was published, and keeps it', async () => {
    const { target, moved } = await copied(`${SHA256}  day.zip\n`)
    expect(await settleCopy({ target, moved })).toEqual({ key: moved.key, etag: moved.etag, sha256: SHA256 })
    expect(await keysOf(target)).toEqual([moved.key, `${moved.key}.CHECKSUM`])
  })

  test('reads nothing where the target computed the digest itself', async () => {
    const { moved } = await copied(undefined)
    const known = await settleCopy({
      target: memoryStore(),
      moved: { ...moved, sha256: SHA256, state: 'verified' },
    })
    expect(known).toEqual({ key: moved.key, etag: moved.etag, sha256: SHA256 })
  })

  test.each([
    ['has another digest', `${'0'.repeat(64)}  day.zip\n`],
    ['is of another file', `${SHA256}  night.zip\n`],
    ['is no CHECKSUM', 'what is this?'],
  ])('takes the file away where its CHECKSUM %s', async (_, checksum) => {
    const { target, moved } = await copied(checksum)
    expect(await settleCopy({ target, moved })).toBeUndefined()
    expect(await keysOf(target)).toEqual([])
  })

  test('keeps a file that has no CHECKSUM', async () => {
    const { target, moved } = await copied(undefined)
    expect(await settleCopy({ target, moved })).toMatchObject({ sha256: SHA256 })
    expect(await keysOf(target)).toEqual([moved.key])
  })

  test('touches nothing that the target had before', async () => {
    const { target, moved } = await copied(`${'0'.repeat(64)}  day.zip\n`)
    expect(await settleCopy({ target, moved: { ...moved, skipped: true } })).toBeUndefined()
    expect(await keysOf(target)).toHaveLength(2)
  })

  test('does not speak of bytes that were replaced meanwhile', async () => {
    const { target, moved } = await copied(undefined)
    await target.put(moved.key, Buffer.from('others'))
    await expect(settleCopy({ target, moved })).rejects.toMatchObject({ code: 'CONFLICT' })
    expect(await keysOf(target)).toEqual([moved.key])
  })
})

async function copied(
  checksum: string | undefined,
): Promise<{ readonly target: ObjectStore; readonly moved: MovedFile }> {
  const target = memoryStore()
  const key = 'bronze/day.zip'
  const { etag, size } = await target.put(key, BYTES)
  if (checksum !== undefined) await target.put(`${key}.CHECKSUM`, Buffer.from(checksum))
  const file = {
    ...{ key: 'day.zip', size, etag: '', period: parsePeriod('2024-01-01') },
    dataset: parseDatasetId('binance/spot/klines/BTCUSDT/1m'),
    checksumKey: checksum === undefined ? undefined : 'day.zip.CHECKSUM',
  }
  return { target, moved: { file, key, size, etag, state: 'unverified', skipped: false, restated: false } }
}

async function keysOf(store: ObjectStore): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of store.list()) keys.push(key)
  return keys
}
