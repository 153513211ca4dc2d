import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bodyParts } from './s3-body-parts.ts'

const { signal } = new AbortController()

test('a body comes in parts of one size, whatever its chunks, and the last is marked', async () => {
  const chunks = fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 20 })
  await fc.assert(
    fc.asyncProperty(chunks, fc.integer({ min: 1, max: 64 }), async (given, partBytes) => {
      const parts: { bytes: Uint8Array; isLast: boolean }[] = []
      for await (const part of bodyParts(refilled(given), partBytes, signal)) parts.push(part)
      const all = Buffer.concat(given)
      expect(Buffer.concat(parts.map(({ bytes }) => bytes))).toEqual(all)
      expect(parts).toHaveLength(Math.ceil(all.length / partBytes))
      for (const [index, { bytes, isLast }] of parts.entries()) {
        expect(isLast).toBe(index === parts.length - 1)
        if (!isLast) expect(bytes).toHaveLength(partBytes)
      }
    }),
  )
})

test('parts double after every 2000, so that 10 000 of them are enough', async () => {
  const sizes: number[] = []
  for await (const { bytes } of bodyParts(new Uint8Array(14_001), 1, signal)) sizes.push(bytes.length)
  expect([sizes[1999], sizes[2000], sizes[3999], sizes[4000], sizes[5999]]).toEqual([1, 2, 2, 4, 4])
  expect(sizes.slice(6000)).toEqual([1])
})

/** The chunks, one after the other in the same memory, as some sources do. */
async function* refilled(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array, void, undefined> {
  const buffer = new Uint8Array(50)
  for (const chunk of chunks) {
    buffer.set(chunk)
    yield buffer.subarray(0, chunk.length)
  }
}
