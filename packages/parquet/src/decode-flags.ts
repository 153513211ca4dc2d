import type { DataPage } from './data-page.ts'
import { decodeMemory } from './decode-memory.ts'
import { decodeBits } from './decode-runs.ts'
import { sized } from './page-levels.ts'

/** The booleans of a page that are not null, as 0 and 1. */
export function decodeFlags(page: DataPage): Uint8Array {
  const flags = new Uint8Array(page.count)
  if (page.count === 0) return flags
  const bytes = page.values()
  switch (page.encoding) {
    case 'RLE':
      decodeBits(sized(bytes), flags)
      return flags
    case 'PLAIN':
      if (bytes.length * 8 < flags.length) throw new Error('a page ends before its values do')
      unpackBits(bytes, flags)
      return flags
    default:
      throw new Error(`booleans are not encoded as ${page.encoding}`)
  }
}

function unpackBits(bytes: Uint8Array, flags: Uint8Array): void {
  const memory = decodeMemory()
  const { input, output } = memory.place(bytes, flags.length)
  memory.kernels.spreadBits(input, output, flags.length)
  memory.read(output, flags)
}
