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
    // The last word of a group may reach beyond it.
    out.reserve(1 + MOST_GROUPS * width + 4)
    const header = out.length++
    let groups = 0
    do {
      packGroup(codes, at, to, width, out.view, out.length + groups * width)
      at += 8
      groups++
    } while (at < to && groups < MOST_GROUPS && !isRun(codes, at, to))
    out.length += groups * width
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

/** True when eight equal codes begin here. */
function isRun(codes: Int32Array | Uint8Array, at: number, to: number): boolean {
  return codes[at] === codes[at + 1] && runEnd(codes, at, Math.min(to, at + 8)) - at === 8
}

/**
 * Eight codes take as many bytes as one has bits; zeros stand in for codes behind the end. Written word by word: what
 * the last one has too much is overwritten by what follows.
 */
function packGroup(
  codes: Int32Array | Uint8Array,
  from: number,
  to: number,
  width: number,
  view: DataView,
  start: number,
): void {
  let end = start
  let buffer = 0
  let held = 0
  for (let at = from; at < from + 8; at++) {
    const code = at < to ? (codes[at] ?? 0) : 0
    buffer |= code << held
    held += width
    if (held < 32) continue
    view.setInt32(end, buffer, true)
    end += 4
    held -= 32
    buffer = held === 0 ? 0 : code >>> (width - held)
  }
  if (held > 0) view.setInt32(end, buffer, true)
}
