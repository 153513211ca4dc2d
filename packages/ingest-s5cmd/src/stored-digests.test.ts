import { describe, expect, test } from 'vitest'
import { type LearntOfTarget, storedDigests } from './stored-digests.ts'
import type { S3End } from './transfer-end.ts'
import { emptyTally } from './transfer-tally.ts'

const end: S3End = { kind: 's3', bucket: 'b', prefix: '', signedBy: 'environment' }
const keys = Array.from({ length: 40 }, (_, index) => `k${index}`)

const learnt = (): LearntOfTarget => ({ computesNoDigest: false })

describe('storedDigests', () => {
  test('are given by key', async () => {
    const tally = emptyTally()
    const storedSha256 = async (key: string): Promise<string> => Promise.resolve(`digest of ${key}`)
    const digests = await storedDigests({ ...end, storedSha256 }, keys, { tally, learnt: learnt(), signal: undefined })
    expect(digests).toEqual(new Map(keys.map((key) => [key, `digest of ${key}`])))
    expect(tally.requests).toBe(40)
  })

  test('a store that has none for the first is asked only once, others not at all', async () => {
    const tally = emptyTally()
    const storedSha256 = async (): Promise<undefined> => Promise.resolve(undefined)
    const digests = await storedDigests({ ...end, storedSha256 }, keys, { tally, learnt: learnt(), signal: undefined })
    expect(digests).toEqual(new Map())
    expect(tally.requests).toBe(1)
    expect(await storedDigests(end, keys, { tally, learnt: learnt(), signal: undefined })).toEqual(digests)
    expect(await storedDigests({ ...end, storedSha256 }, [], { tally, learnt: learnt(), signal: undefined })).toEqual(
      digests,
    )
    expect(tally.requests).toBe(1)
  })
  test('what one batch has learnt, the next does not ask', async () => {
    const tally = emptyTally()
    const memory = learnt()
    const storedSha256 = async (): Promise<undefined> => Promise.resolve(undefined)
    const ask = async (): Promise<unknown> =>
      storedDigests({ ...end, storedSha256 }, keys, { tally, learnt: memory, signal: undefined })
    expect(await ask()).toEqual(await ask())
    expect(tally.requests).toBe(1)
  })
})
