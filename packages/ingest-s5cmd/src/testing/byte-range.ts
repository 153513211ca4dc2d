/** Closed-open byte offsets. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/**
 * The part of an object that a Range header asks for, as RFC 9110 has it: `bytes=0-9`, `bytes=10-`, `bytes=-5`.
 * `undefined` for the whole object, also when the header is absent or of another form (then it does not count).
 */
export function parseByteRange(header: string | undefined, size: number): ByteRange | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '')
  if (match === null) return undefined
  const [, first = '', last = ''] = match
  if (first === '') {
    if (last === '') return undefined
    const length = Math.min(Number(last), size)
    return length === 0 ? 'unsatisfiable' : { start: size - length, end: size }
  }
  const start = Number(first)
  const end = last === '' ? size : Math.min(Number(last) + 1, size)
  if (last !== '' && Number(last) < start) return undefined
  return start >= size ? 'unsatisfiable' : { start, end }
}
