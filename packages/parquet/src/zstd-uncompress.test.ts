import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { decodeMemory } from './decode-memory.ts'
import { loadZstd, type Zstd } from './load-zstd.ts'
import { uncompressZstd } from './zstd-uncompress.ts'

let zstd: Zstd
beforeAll(async () => {
  zstd = await loadZstd()
})

describe('gives back what was compressed', () => {
  test.each([1, 100, 255, 256, 257, 65_535, 65_791, 65_792, 300_000])('of %d bytes', (length) => {
    compare(
      Uint8Array.from({ length }, (_, at) => (at * at) % 251),
      3,
    )
  })

  test.each([1, 3, 9, 19])(
    'at level %d: prices, times, words, one byte, noise',
    (level) => {
      const random = randomNumbers(level)
      const prices = Float64Array.from(
        { length: 50_000 },
        (_, nth) => Math.round(9000 + nth / 10 + random() * 500) / 100,
      )
      const times = BigInt64Array.from(
        { length: 50_000 },
        (_, nth) => 1_672_531_200_000_000n + BigInt(nth) * 60_000_000n,
      )
      const noise = Uint8Array.from({ length: 200_000 }, () => random() * 256)
      const skewed = Uint8Array.from({ length: 200_000 }, () => random() ** 6 * 256)
      const words = Buffer.from(Array.from({ length: 40_000 }, () => `word${Math.floor(random() * 90)}`).join(' '))
      const mixed = Buffer.concat([words, noise, words])
      for (const input of [bytesOf(prices), bytesOf(times), noise, skewed, words, new Uint8Array(400_000), mixed]) {
        compare(input, level)
      }
      // Of which the compressor takes nearly all.
    },
    20_000,
  )

  test('in any pieces that repeat at any distance', () => {
    const piece = fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 400 }))
    fc.assert(
      fc.property(
        fc.array(piece, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 19 }),
        (pieces, level) => {
          compare(Buffer.concat(pieces.flatMap(([bytes, times]) => Array.from({ length: times }, () => bytes))), level)
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe('gives back sequences', () => {
  test.each([1, 3, 9, 19])('of every kind, at level %d: doubles, floats, records, runs', (level) => {
    for (const input of samples(60_000, level)) compare(input, level)
  })

  test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17])('that repeat at a distance of %d', (distance) => {
    for (let length = 8; length < 200; length++) {
      compare(
        Uint8Array.from({ length: length + 20 }, (_, at) => (at < length ? (at % distance) + 1 : at * 7)),
        3,
      )
    }
  })

  test('of numbers of eight bytes, which repeat the one before from any byte on', () => {
    const random = randomNumbers(8)
    const output = [1, 2, 3, 4, 5, 6, 7, 8]
    for (let nth = 0; nth < 6000; nth++) {
      for (let literals = random() * 12; literals > 0; literals--) output.push(random() * 256)
      for (let matched = 3 + random() ** 3 * 30; matched > 0; matched--) output.push(output.at(-8) ?? 0)
    }
    for (const level of [1, 3, 9]) compare(Uint8Array.from(output), level)
  })

  test('in blocks of few, where none is taken without a check of its room', () => {
    for (const input of samples(700, 3))
      for (let size = 1; size < input.length; size += 41) compare(input.subarray(0, size), 5)
  })

  // Distances that come again are told as one of the last three, or as the last one less by one.
  test('of any lengths and distances, which come again', () => {
    const distance = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 9000 }))
    const lengths = fc.oneof(
      fc.integer({ min: 0, max: 9 }),
      fc.integer({ min: 0, max: 50 }),
      fc.integer({ min: 0, max: 700 }),
    )
    const sequence = fc.record({
      literals: lengths,
      nth: fc.nat({ max: 3 }),
      less: fc.nat({ max: 8 }),
      matched: lengths,
    })
    fc.assert(
      fc.property(
        fc.array(distance, { minLength: 4, maxLength: 4 }),
        fc.array(sequence, { minLength: 1, maxLength: 400, size: 'max' }),
        fc.integer({ min: 1, max: 19 }),
        (distances, sequences, level) => {
          const random = randomNumbers(level)
          const output: number[] = []
          for (const { literals, nth, less, matched } of sequences) {
            for (let count = 0; count < literals; count++) output.push(Math.floor(random() * 256))
            const back = (distances[nth] ?? 1) - (less === 0 ? 1 : 0)
            for (let count = 0; count < matched; count++) output.push(output[output.length - back] ?? 7)
          }
          compare(Uint8Array.from(output), level)
        },
      ),
      { numRuns: 40 },
    )
  })
})

describe('reads frames of other forms', () => {
  test('that do not say how many bytes they hold', () => {
    expect(uncompress(plainFrame('twelve bytes'), 12).toString()).toBe('twelve bytes')
  })

  test('one after the other, with what is to be skipped between them', () => {
    const skipped = [0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]
    const input = Uint8Array.from([...plainFrame('one'), ...skipped, ...zstd.compress(Buffer.from('other'), 1)])
    expect(uncompress(input, 8).toString()).toBe('oneother')
  })

  // The checksums are those that xxHash is documented with.
  test.each([
    ['abc', 0xad770999],
    ['Nobody inspects the spammish repetition', 0x8a378bf1],
  ])('with the checksum of %s, which is compared', (text, checksum) => {
    const frame = plainFrame(text, 4)
    const whole = Uint8Array.from([...frame, ...bytesOf(Uint32Array.of(checksum))])
    expect(uncompress(whole, text.length).toString()).toBe(text)
    const damaged = whole.with(frame.length, (whole[frame.length] ?? 0) ^ 1)
    expect(() => uncompress(damaged, text.length)).toThrow('damaged')
  })

  test('that claim terabytes, without taking them', () => {
    const frame = [...MAGIC, 0xe0, 0, 0, 0, 0, 0, 1, 0, 0, 0x61, 0, 0, ...Buffer.from('twelve bytes')]
    expect(uncompress(Uint8Array.from(frame), 12).toString()).toBe('twelve bytes')
  })

  test('but none that needs a dictionary', () => {
    expect(() => uncompress(plainFrame('x', 1), 1)).toThrow('damaged')
  })
})

test('what is damaged ends in an error, or in as many bytes as were asked for', () => {
  const random = randomNumbers(5)
  const input = Buffer.from(Array.from({ length: 3000 }, () => `word${Math.floor(random() * 300)}`).join(' '))
  const frame = zstd.compress(input, 5)
  let refused = 0
  for (let nth = 0; nth < 3000; nth++) {
    const damaged = frame.slice(0, nth % 5 === 0 ? 1 + Math.floor(random() * frame.length) : frame.length)
    for (let times = nth % 4; times >= 0; times--) damaged[Math.floor(random() * damaged.length)] = random() * 256
    try {
      expect(uncompress(damaged, input.length).length).toBe(input.length)
    } catch (error) {
      expect(error).toMatchObject({ message: 'zstd bytes are damaged' })
      refused++
    }
  }
  expect(refused).toBeGreaterThan(1000)
  expect(() => uncompress(frame, input.length - 1)).toThrow('damaged')
  expect(() => uncompress(frame, input.length + 1)).toThrow('damaged')
  expect(uncompress(frame, input.length).equals(input)).toBe(true)
})

test.each([1, 9, 19])('a byte that is another one is an error, or changes what is read, at level %d', (level) => {
  for (const input of samples(2500, level)) {
    const frame = zstd.compress(input, level)
    for (let at = 0; at < frame.length; at++) {
      const other = frame.with(at, (frame[at] ?? 0) ^ (1 + ((at * 167) % 255)))
      try {
        expect(uncompressWithin(other, input.length).length).toBe(input.length)
      } catch (error) {
        expect(error).toMatchObject({ message: 'zstd bytes are damaged' })
      }
    }
    expect(uncompressWithin(frame, input.length).equals(input)).toBe(true)
  }
})

const MAGIC = [0x28, 0xb5, 0x2f, 0xfd]

/** A frame with a window of 1 KB, and one last block of few bytes as they are. */
function plainFrame(text: string, descriptor = 0): Uint8Array {
  const numberOfDictionary = (descriptor & 1) === 1 ? [7] : []
  return Uint8Array.from([
    ...MAGIC,
    descriptor,
    0,
    ...numberOfDictionary,
    (text.length << 3) | 1,
    text.length >> 5,
    0,
    ...Buffer.from(text),
  ])
}

function uncompress(frame: Uint8Array, size: number): Buffer {
  decodeMemory().startPage()
  return Buffer.from(uncompressZstd(() => frame, size)())
}

/** Expects that nothing is written outside of the room there is. */
function uncompressWithin(frame: Uint8Array, size: number): Buffer {
  const memory = decodeMemory()
  memory.startPage()
  const before = memory.take(64)
  memory.view(before, 64).fill(0xa5)
  const plain = uncompressZstd(() => frame, size)
  expect(memory.view(before, 64).every((byte) => byte === 0xa5)).toBe(true)
  return Buffer.from(plain())
}

/** About so many bytes each of doubles, floats, times, records of text, and runs. */
function samples(bytes: number, seed: number): readonly Uint8Array[] {
  const random = randomNumbers(seed)
  let price = 9000
  function next(step: number): number {
    price += random() - 0.5
    return Math.round(price / step) * step
  }
  const doubles = Float64Array.from({ length: bytes / 8 }, () => next(0.01))
  const floats = Float32Array.from({ length: bytes / 4 }, () => next(0.1))
  const records = Array.from(
    { length: bytes / 50 },
    (_, nth) =>
      `{"id":${nth},"price":${next(0.1)},"side":"${random() < 0.5 ? 'buy' : 'sell'}","time":${1_672_531_200_000 + nth * 137}}`,
  )
  const runs = Array.from({ length: bytes / 50 }, () => Buffer.alloc(1 + random() ** 4 * 300, random() * 256))
  const times = BigInt64Array.from(
    { length: bytes / 8 },
    (_, nth) => 1_672_531_200_000_000n + BigInt(nth) * 60_000_000n,
  )
  return [
    ...[bytesOf(doubles), bytesOf(floats), bytesOf(times)],
    ...[Buffer.from(records.join('\n')), Buffer.concat(runs)],
  ]
}

function compare(input: Uint8Array, level: number): void {
  expect(uncompress(zstd.compress(input, level), input.length).equals(input)).toBe(true)
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

/** Numbers between 0 and 1, the same for the same seed. */
function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    return (state >>> 0) / 2 ** 32
  }
}
