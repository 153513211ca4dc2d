/**
 * Memory that holds whatever it held, for arrays of which every element is set before anybody sees one: clearing
 * megabytes only to overwrite them costs as much as filling them.
 */
export function unclearedMemory(bytes: number): ArrayBuffer {
  return Buffer.allocUnsafeSlow(bytes).buffer
}
