/**
 * A view of bytes behind which eight more can be read, whatever they are: so that bits are fetched a word at a time,
 * to the very last. Copies only where the memory ends too early.
 */
export function paddedView(bytes: Uint8Array): DataView {
  const { buffer, byteOffset, length } = bytes
  if (byteOffset + length + PADDING <= buffer.byteLength) return new DataView(buffer, byteOffset, length + PADDING)
  const copy = new Uint8Array(length + PADDING)
  copy.set(bytes)
  return new DataView(copy.buffer)
}

const PADDING = 8
