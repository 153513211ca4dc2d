/** What of some bytes can change hands instead of being copied: nothing of a buffer that others share, as Node pools small ones. */
export function transferable({ buffer, byteLength }: Uint8Array): ArrayBuffer[] {
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : []
}
