import { expect, test } from 'vitest'
import { ThriftReader } from './thrift-reader.ts'

test('numbers of 64 bits are read as far as a double holds them', () => {
  expect([0, 1, 2, 299].map((zigzag) => longOf(zigzag))).toEqual([0, -1, 1, -150])
  expect(longOf(2 ** 53 - 2)).toBe(2 ** 52 - 1)
  expect(() => longOf(2 ** 53)).toThrow('bytes has a number of 9007199254740992, which is too large')
})

test('a list that claims more elements than there are bytes is refused before it is gone through', () => {
  // 2^32 - 1 truth values, of which none follows.
  const reader = new ThriftReader(Uint8Array.of(0x19, 0xf1, 255, 255, 255, 255, 15), 'bytes')
  expect(() => {
    reader.fields(() => {
      reader.skip()
    })
  }).toThrow('bytes ends in the middle')
})

test('what is skipped is given as its bytes', () => {
  // Field 1, a list of two texts; field 2, a structure with a double and a truth value.
  const bytes = Uint8Array.of(0x19, 0x28, 1, 65, 0, 0x1c, 0x17, 1, 2, 3, 4, 5, 6, 7, 8, 0x11, 0, 0)
  const reader = new ThriftReader(bytes, 'bytes')
  const skipped: Uint8Array[] = []
  reader.fields(() => skipped.push(reader.skipped()))
  expect(skipped).toEqual([bytes.slice(1, 5), bytes.slice(6, 17)])
  expect(reader.length).toBe(bytes.length)
})

/** A number that is written as another one is, not negative. */
function longOf(zigzag: number): number {
  const bytes = [0x16]
  let rest = zigzag
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128)
  const reader = new ThriftReader(Uint8Array.of(...bytes, rest, 0), 'bytes')
  let long = Number.NaN
  reader.fields(() => {
    long = reader.long()
  })
  return long
}
