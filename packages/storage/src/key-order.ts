/**
 * Compares texts by their UTF-8 bytes. The order of JavaScript differs: it compares UTF-16 units, where the
 * surrogates of `\u{10000}` and above come before `\uE000`.
 */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index++) {
    const one = a.charCodeAt(index)
    const other = b.charCodeAt(index)
    if (one !== other) return rank(one) - rank(other)
  }
  return a.length - b.length
}

/** Moves the surrogates behind all other units, where the code points that they stand for are. */
function rank(unit: number): number {
  if (unit >= 0xe000) return unit - 0x800
  return unit >= 0xd800 ? unit + 0x2000 : unit
}
