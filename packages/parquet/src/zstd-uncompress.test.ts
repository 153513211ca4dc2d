import { describe, expect, test } from 'vitest'
import { loadZstd } from './load-zstd.ts'
import { createZstdUncompressor } from './zstd-uncompress.ts'

describe('createZstdUncompressor', () => {
  test.each([1, 100, 255, 256, 257, 65_535, 65_791, 65_792, 300_000])('gives %d bytes back', async (length) => {
    const input = Uint8Array.from({ length }, (_, at) => (at * at) % 251)
    const [zstd, uncompress] = await Promise.all([loadZstd(), createZstdUncompressor()])
    expect(Buffer.compare(uncompress(zstd.compress(input, 3), length), input)).toBe(0)
  })

  test('gives the bytes of a frame that does not say how many they are', async () => {
    const uncompress = await createZstdUncompressor()
    // A window of 1 KB, and one last block of twelve bytes as they are.
    const frame = [...MAGIC, 0, 0, 0x61, 0, 0, ...Buffer.from('twelve bytes')]
    expect(Buffer.from(uncompress(Uint8Array.from(frame), 12)).toString()).toBe('twelve bytes')
  })

  test('takes no memory for a frame that claims terabytes', async () => {
    const uncompress = await createZstdUncompressor()
    const frame = [...MAGIC, 0xe0, 0, 0, 0, 0, 0, 1, 0, 0, 0x61, 0, 0, ...Buffer.from('twelve bytes')]
    const before = process.memoryUsage().rss
    try {
      expect(uncompress(Uint8Array.from(frame), 12).length).toBe(12)
    } catch (error) {
      expect(error).toBeInstanceOf(Error)
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(1 << 28)
  })
})

const MAGIC = [0x28, 0xb5, 0x2f, 0xfd]
