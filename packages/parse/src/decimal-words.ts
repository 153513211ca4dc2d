/*
 * Whole numbers of 128 bits as four words of 32, the lowest first, in two's complement: multiplied and added word by
 * word in the processor's own integers, without a big integer.
 */

/** The upper 32 bits of the product of two words without sign. */
export function multiplyHigh(a: number, b: number): number {
  const [aLow, aHigh] = [a & 0xffff, a >>> 16]
  const [bLow, bHigh] = [b & 0xffff, b >>> 16]
  const low = Math.imul(aLow, bLow)
  const one = Math.imul(aLow, bHigh)
  const other = Math.imul(aHigh, bLow)
  const middle = (low >>> 16) + (one & 0xffff) + (other & 0xffff)
  return (Math.imul(aHigh, bHigh) + (one >>> 16) + (other >>> 16) + (middle >>> 16)) | 0
}

/** Multiplies the number whose words begin at an offset, and adds to it; both factors are words without sign. */
export function multiplyAdd(words: Int32Array, at: number, factor: number, add: number): void {
  let carry = add
  for (let index = at; index < at + 4; index++) {
    const word = words[index] ?? 0
    const low = (Math.imul(word, factor) + carry) | 0
    // A sum of words that is less than one of them has run over.
    carry = (multiplyHigh(word, factor) + (low >>> 0 < carry >>> 0 ? 1 : 0)) | 0
    words[index] = low
  }
}

/** Changes the sign of the number whose words begin at an offset. */
export function negate(words: Int32Array, at: number): void {
  let carry = 1
  for (let index = at; index < at + 4; index++) {
    const word = (~(words[index] ?? 0) + carry) | 0
    words[index] = word
    carry = carry === 1 && word === 0 ? 1 : 0
  }
}
