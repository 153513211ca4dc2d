import type { DecodeMemory } from './decode-memory.ts'

/** Codes in the memory of the kernels, and where these find them. */
export interface CodesPlace {
  readonly codes: Int32Array
  readonly at: number
}

/** Codes, and where there is room for as many more. */
export interface CodesWithRoom extends CodesPlace {
  readonly room: number
}

/**
 * Gives codes their places in another dictionary, in place. Each of them has to have one in `translation`.
 *
 * Where that is larger than the page, it is not moved to the kernels: a few bytes of pages could have it moved thousands
 * of times.
 */
export function translateCodes(memory: DecodeMemory, placed: CodesWithRoom, translation: Int32Array): void {
  const { codes, at, room } = placed
  const count = codes.length
  if (translation.length > count) {
    for (let nth = 0; nth < count; nth++) codes[nth] = translation[codes[nth] ?? 0] ?? 0
    return
  }
  const { buffer, byteOffset, byteLength } = translation
  memory.write(new Uint8Array(buffer, byteOffset, byteLength), room)
  memory.kernels.translateCodes(at, count, room)
}

/** Codes where they lie in the memory of the kernels. */
export function codesAt(memory: DecodeMemory, at: number, count: number): Int32Array {
  const { buffer, byteOffset } = memory.view(at, 4 * count)
  return new Int32Array(buffer, byteOffset, count)
}
