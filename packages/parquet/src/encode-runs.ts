import type { ByteWriter } from './byte-writer.ts'

// So many groups that the header of packed values always takes one byte, which can be filled in afterwards.
const MOST_GROUPS = 63

/**
 * Encodes `codes` from `from` to `to` in Parquet's hybrid: eight or more equal codes as a run, all others as packed
 * bits, eight by eight.
 *
 * @param width bits of a code, 1 to 24
 */
export function encodeRuns(
  codes: Int32Array | Uint8Array,
  from: number,
  to: number,
  width: number,
  out: ByteWriter,
): void {
  let at = from
  while (at < to) {
    const end = runEnd(codes, at, to)
    if (end - at >= 8) {
      writeRun(codes[at] ?? 0, end - at, width, out)
      at = end
      continue
    }
    out.reserve(1 + MOST_GROUPS * width)
    const header = out.length++
    let groups = 0
    do {
      packGroup(codes, at, to, width, out)
      at += 8
      groups++
    } while (at < to && groups < MOST_GROUPS && runEnd(codes, at, Math.min(to, at + 8)) - at < 8)
    out.bytes[header] = (groups << 1) | 1
  }
}

function runEnd(codes: Int32Array | Uint8Array, from: number, to: number): number {
  const code = codes[from]
  let end = from + 1
  while (end < to && codes[end] === code) end++
  return end
}

function writeRun(code: number, length: number, width: number, out: ByteWriter): void {
  out.varint(length * 2)
  for (let shift = 0; shift < width; shift += 8) out.byte((code >>> shift) & 255)
}

/** Eight codes take as many bytes as one has bits; zeros stand in for codes behind the end. */
function packGroup(codes: Int32Array | Uint8Array, from: number, to: number, width: number, out: ByteWriter): void {
  const { bytes } = out
  let end = out.length
  let buffer = 0
  let held = 0
  for (let at = from; at < from + 8; at++) {
    buffer |= (at < to ? (codes[at] ?? 0) : 0) << held
    held += width
    for (; held >= 8; held -= 8) {
      bytes[end++] = buffer
      buffer >>>= 8
    }
  }
  out.length = end
}
