import { describe, expect, test } from 'vitest'
import { storedDigests } from './stored-digests.ts'
import type { S3End } from './transfer-end.ts'
import { emptyTally } from './transfer-tally.ts'

const end: S3End = { kind: 's3', bucket: 'b', prefix: '', signedBy: 'environment' }
const keys = Array.from({ length: 40 }, (_, index) => `k${index}`)

describe('storedDigests', () => {
  test('are in the order of the keys', async () => {
    const tally = emptyTally()
    const storedSha256 = async (key: string): Promise<string> => Promise.resolve(`digest of ${key}`)
    const digests = await storedDigests({ ...end, storedSha256 }, keys, { tally, signal: undefined })
    expect(digests).toEqual(keys.map((key) => `digest of ${key}`))
    expect(tally.requests).toBe(40)
  })

  test('a store that has none for the first is asked only once, others not at all', async () => {
    const tally = emptyTally()
    const storedSha256 = async (): Promise<undefined> => Promise.resolve(undefined)
    const digests = await storedDigests({ ...end, storedSha256 }, keys, { tally, signal: undefined })
    expect(digests).toEqual(keys.map(() => undefined))
    expect(tally.requests).toBe(1)
    expect(await storedDigests(end, keys, { tally, signal: undefined })).toEqual(digests)
    expect(await storedDigests({ ...end, storedSha256 }, [], { tally, signal: undefined })).toEqual([])
    expect(tally.requests).toBe(1)
  })
})
