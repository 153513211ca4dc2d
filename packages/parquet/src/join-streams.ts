import { decodeMemory } from './decode-memory.ts'

/** First the first bytes of all numbers, then the second ones. */
export function joinStreams(streams: Uint8Array, target: Uint8Array, width: number): void {
  const count = target.length / width
  if (width === 8) {
    const memory = decodeMemory()
    const { input, output } = memory.place(streams.subarray(0, target.length), target.length)
    memory.kernels.joinWideStreams(input, count, output)
    memory.read(output, target)
    return
  }
  for (let byte = 0; byte < width; byte++) {
    const from = byte * count
    for (let nth = 0; nth < count; nth++) target[nth * width + byte] = streams[from + nth] ?? 0
  }
}
