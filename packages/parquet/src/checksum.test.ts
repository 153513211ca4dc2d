import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checksum } from './checksum.ts'
import { decodeMemory } from './decode-memory.ts'
import { encodeChecksum } from './encode-checksum.ts'
import { compressSnappy } from './snappy-compress.ts'

const noise = Uint8Array.from({ length: 300_000 }, (_, at) => Math.imul(at ^ (at >>> 7), 0x9e37_79b1) >>> 13)

/** The same bytes in the memory of the kernels, so far from a bound of sixteen. */
function placed(bytes: Uint8Array, shift: number): Uint8Array {
  const window = decodeMemory().window(bytes.length + 16)
  // What lies behind the end counts for nothing.
  window.fill(255).set(bytes, shift)
  return window.subarray(shift, shift + bytes.length)
}

test('is that of zlib for each length of up to 2000 bytes', () => {
  for (let length = 0; length <= 2000; length++) {
    const bytes = noise.subarray(length, 2 * length)
    const expected = crc32(bytes) | 0
    expect(checksum(bytes), `${length} bytes elsewhere`).toBe(expected)
    expect(checksum(placed(bytes, length % 16)), `${length} bytes in place`).toBe(expected)
    expect(encodeChecksum(bytes), `${length} bytes to be written`).toBe(expected)
  }
})

// Around where another way starts, and where as much was done as is done at once.
test.each([11_999, 12_000, 12_001, 12_111, 12_112, 65_535, 65_536, 65_537, 131_072, 300_000])(
  'is that of zlib for %d bytes, wherever they start',
  (length) => {
    const bytes = noise.subarray(0, length)
    const expected = crc32(bytes) | 0
    for (let shift = 0; shift < 16; shift++) expect(checksum(placed(bytes, shift)), `at ${shift}`).toBe(expected)
  },
)

test('goes on from the sum of what comes before', () => {
  const size = fc.oneof(fc.nat(40), fc.nat(2000), fc.nat(40_000))
  fc.assert(
    fc.property(fc.array(size, { maxLength: 5 }), fc.nat(15), fc.boolean(), (sizes, shift, isInPlace) => {
      let at = shift
      let sum = 0
      for (const length of sizes) {
        const piece = noise.subarray(at, (at += length))
        sum = checksum(isInPlace ? placed(piece, shift) : piece, sum)
      }
      expect(sum).toBe(crc32(noise.subarray(shift, at)) | 0)
    }),
  )
})

test('sees each bit', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20_000 }), fc.nat(), fc.nat(7), (length, at, bit) => {
      const bytes = noise.slice(0, length)
      const sum = checksum(bytes)
      bytes[at % length] = (bytes[at % length] ?? 0) ^ (1 << bit)
      expect(checksum(bytes)).not.toBe(sum)
      expect(checksum(bytes)).toBe(crc32(bytes) | 0)
    }),
  )
})

test.each([0, 100, 40_000, 300_000])('of what is written of %d bytes is that of zlib', (length) => {
  const bytes = noise.subarray(0, length)
  expect(encodeChecksum(bytes, 7)).toBe(crc32(bytes, 7) | 0)
  const packed = compressSnappy(bytes)
  const expected = crc32(packed, crc32(noise.subarray(1, 9))) | 0
  expect(encodeChecksum(packed, encodeChecksum(noise.subarray(1, 9)))).toBe(expected)
})
