// Parquet's hybrid of runs and packed bits: eight or more equal codes as a run, all others as bits, eight by eight.
import { writeVarint } from './varint'

// So many groups that the header of packed values always takes one byte, which can be filled in afterwards.
const MOST_GROUPS: u32 = 63

/**
 * Encodes codes of 32 bits and returns where the output ends.
 *
 * @param width bits of a code, 1 to 24
 * @param output has room for five bytes a code
 */
export function encodeRuns(codes: usize, count: u32, width: u32, output: usize): usize {
  const to = codes + ((count as usize) << 2)
  let end = output
  let at = codes
  while (at < to) {
    const last = runEnd(at, to)
    if (last - at >= 32) {
      end = writeVarint(end, u32(last - at) >>> 1)
      const code = load<u32>(at)
      for (let shift: u32 = 0; shift < width; shift += 8) store<u8>(end++, code >>> shift)
      at = last
      continue
    }
    const header = end++
    let groups: u32 = 0
    do {
      packGroup(at, to, width, end)
      end += width
      at += 32
      groups++
    } while (at < to && groups < MOST_GROUPS && !isRun(at, to))
    store<u8>(header, (groups << 1) | 1)
  }
  return end
}

function runEnd(from: usize, to: usize): usize {
  const code = load<u32>(from)
  let end = from + 4
  while (end < to && load<u32>(end) == code) end += 4
  return end
}

/** True when eight equal codes begin here. */
function isRun(at: usize, to: usize): boolean {
  return load<u32>(at) == load<u32>(at + 4) && runEnd(at, min(to, at + 32)) - at == 32
}

/** Eight codes take as many bytes as one has bits; zeros stand in for codes behind the end. */
function packGroup(from: usize, to: usize, width: u32, output: usize): void {
  let end = output
  let buffer: u64 = 0
  let held: u32 = 0
  for (let at = from; at < from + 32; at += 4) {
    const code: u64 = at < to ? load<u32>(at) : 0
    buffer |= code << held
    held += width
    if (held < 32) continue
    store<u32>(end, buffer as u32)
    end += 4
    buffer >>>= 32
    held -= 32
  }
  // What this writes too much is overwritten by what follows.
  if (held > 0) store<u32>(end, buffer as u32)
}
