/** A plain decimal number. */
export const DECIMAL: RegExp = /^-?\d+(\.\d+)?$/

/** Whether the shortest form of the double nearest to a decimal text is another number. */
export function isInexact(text: string, value: number): boolean {
  const shortest = String(value)
  if (shortest === text) return false
  if (value === 0 || shortest.includes('e') || !DECIMAL.test(text)) return canonical(text) !== canonical(shortest)
  // Both are plain: without the zeros that say nothing they are the same text or another number.
  let end = text.length
  if (text.includes('.')) {
    while (text[end - 1] === '0') end--
    if (text[end - 1] === '.') end--
  }
  const first = text.startsWith('-') ? 1 : 0
  let start = first
  while (text[start] === '0' && start + 1 < end && text[start + 1] !== '.') start++
  return text.slice(0, first) + text.slice(start, end) !== shortest
}

/** A decimal as its significant digits and the exponent of the last: '-0.0120' and '-1.2e-2' are both '-12e-3'. */
function canonical(text: string): string {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e')
  const [whole = '', places = ''] = mantissa.replace('-', '').split('.')
  const digits = whole + places
  let first = 0
  while (digits[first] === '0') first++
  let end = digits.length
  while (end > first && digits[end - 1] === '0') end--
  if (first === end) return '0'
  const scale = Number(exponent) - places.length + digits.length - end
  return `${mantissa.startsWith('-') ? '-' : ''}${digits.slice(first, end)}e${scale}`
}
