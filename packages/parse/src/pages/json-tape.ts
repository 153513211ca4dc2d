/*
 * How this is fast: a JSON text is walked once, and every value in it becomes one entry of four typed arrays: what it
 * is, where its bytes begin and end, and the entry behind it. There is no object, no string and no number a value;
 * whoever needs a field finds it by comparing bytes, passes over the others by one look at `nexts`, and reads the
 * cell from the bytes. The arrays are kept from text to text.
 */

export const JSON_OBJECT = 1
export const JSON_ARRAY = 2
/** A string without escapes: its bytes are its text. */
export const JSON_STRING = 3
/** A string with escapes. */
export const JSON_ESCAPED = 4
const JSON_NUMBER = 5
const JSON_TRUE = 6
const JSON_FALSE = 7
export const JSON_NULL = 8
/** A number with an exponent. */
export const JSON_SCIENTIFIC = 9

/** How deep values may be nested. The deepest known page has six levels. */
const DEEPEST = 64

const [QUOTE, COMMA, COLON, BACKSLASH] = [34, 44, 58, 92] as const
const [OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [123, 125, 91, 93] as const
const [MINUS, PLUS, POINT, ZERO, NINE, LOWER_E, UPPER_E, SPACE, LOWER_U] = [
  45, 43, 46, 48, 57, 101, 69, 32, 117,
] as const

/** Every value of a JSON text in the order of the text; a member of an object is two entries, its key and its value. */
export class JsonTape {
  bytes: Buffer = Buffer.alloc(0)
  kinds: Uint8Array = new Uint8Array(0)
  /** Where an entry's bytes begin and end; for strings those between the quotes. */
  starts: Int32Array = new Int32Array(0)
  ends: Int32Array = new Int32Array(0)
  /** The entry behind this one and everything in it. */
  nexts: Int32Array = new Int32Array(0)
  /** What is wrong with the text, and at which byte, after {@link read} gave -1. */
  fault = ''
  faultAt = 0
  #count = 0
  #end = 0
  readonly #open = new Int32Array(DEEPEST)

  /**
   * Reads one JSON text, whose root becomes entry 0.
   *
   * @returns where the text and the white space behind it end; -1 when it is no JSON
   */
  read(bytes: Buffer, from: number, to: number): number {
    this.bytes = bytes
    this.#count = 0
    // Two bytes a value at least, but for containers that only hold a container.
    this.#reserve(((to - from) >> 1) + DEEPEST + 2)
    this.#end = to
    const end = this.#text(this.#space(from))
    return end < 0 ? -1 : this.#space(end)
  }

  /** The text of a value, as it is written; of a string what it says. */
  text(entry: number): string {
    const text = this.bytes.toString('utf8', this.starts[entry], this.ends[entry])
    if (this.kinds[entry] !== JSON_ESCAPED) return text
    const decoded: unknown = JSON.parse(`"${text}"`)
    return String(decoded)
  }

  #text(start: number): number {
    let position = start
    let depth = 0
    for (;;) {
      const entry = this.#count
      position = this.#value(position)
      if (position < 0) return -1
      let isOpen = this.#isContainer(entry)
      if (isOpen) {
        if (depth === DEEPEST) return this.#fail(position, `is nested deeper than ${DEEPEST} levels`)
        this.#open[depth++] = entry
      }
      // What follows a value, or an opening bracket: ends of containers, then a comma or nothing.
      for (;;) {
        if (depth === 0) return position
        const container = this.#open[depth - 1] ?? 0
        const isObject = this.kinds[container] === JSON_OBJECT
        position = this.#space(position)
        const byte = this.bytes[position]
        if (byte === (isObject ? CLOSE_BRACE : CLOSE_BRACKET)) {
          position++
          this.ends[container] = position
          this.nexts[container] = this.#count
          depth--
          isOpen = false
          continue
        }
        if (!isOpen) {
          if (byte !== COMMA) return this.#fail(position, 'has no comma between two values')
          position = this.#space(position + 1)
        }
        if (isObject) position = this.#key(position)
        if (position < 0) return -1
        break
      }
    }
  }

  #isContainer(entry: number): boolean {
    return (this.kinds[entry] ?? 0) <= JSON_ARRAY
  }

  /** Reads a value, or the opening bracket of one. */
  #value(position: number): number {
    switch (this.bytes[position]) {
      case QUOTE:
        return this.#string(position)
      case OPEN_BRACE:
        return this.#add(JSON_OBJECT, position, position + 1)
      case OPEN_BRACKET:
        return this.#add(JSON_ARRAY, position, position + 1)
      case 116:
        return this.#literal('true', JSON_TRUE, position)
      case 102:
        return this.#literal('false', JSON_FALSE, position)
      case 110:
        return this.#literal('null', JSON_NULL, position)
      default:
        return this.#number(position)
    }
  }

  #key(position: number): number {
    if (this.bytes[position] !== QUOTE) return this.#fail(position, 'has no name where a field must have one')
    const end = this.#string(position)
    if (end < 0) return -1
    const colon = this.#space(end)
    if (this.bytes[colon] !== COLON) return this.#fail(colon, 'has no colon behind the name of a field')
    return this.#space(colon + 1)
  }

  #string(quote: number): number {
    const { bytes } = this
    let kind = JSON_STRING
    let position = quote + 1
    for (; position < this.#end; position++) {
      const byte = bytes[position] ?? 0
      if (byte === QUOTE) {
        this.#add(kind, quote + 1, position)
        return position + 1
      }
      if (byte < SPACE) return this.#fail(position, 'has a control character in a text')
      if (byte !== BACKSLASH) continue
      kind = JSON_ESCAPED
      position++
      if (!this.#isEscape(position)) return this.#fail(position, 'has an escape that does not exist')
    }
    return this.#fail(this.#end, '')
  }

  #isEscape(position: number): boolean {
    const byte = this.bytes[position] ?? 0
    if (byte === LOWER_U) return /^[\da-f]{4}$/i.test(this.bytes.toString('latin1', position + 1, position + 5))
    return '"\\/bfnrt'.includes(String.fromCharCode(byte))
  }

  #number(start: number): number {
    const { bytes } = this
    let position = bytes[start] === MINUS ? start + 1 : start
    const first = position
    position = this.#digits(position)
    if (position === first) return this.#fail(start, 'has no value where one must be')
    if (bytes[first] === ZERO && position > first + 1) return this.#fail(start, 'has a number that begins with 0')
    if (bytes[position] === POINT) {
      const point = position
      position = this.#digits(point + 1)
      if (position === point + 1) return this.#fail(point, 'has a number that ends in a point')
    }
    const exponent = bytes[position]
    if (exponent === LOWER_E || exponent === UPPER_E) {
      const sign = bytes[position + 1]
      const digits = position + (sign === PLUS || sign === MINUS ? 2 : 1)
      position = this.#digits(digits)
      if (position === digits) return this.#fail(digits, 'has a number without an exponent behind its e')
      return this.#add(JSON_SCIENTIFIC, start, position)
    }
    return this.#add(JSON_NUMBER, start, position)
  }

  #digits(start: number): number {
    const { bytes } = this
    let position = start
    for (;;) {
      const byte = bytes[position] ?? 0
      if (byte < ZERO || byte > NINE) return position
      position++
    }
  }

  #literal(word: string, kind: number, start: number): number {
    for (let index = 0; index < word.length; index++) {
      if (this.bytes[start + index] !== word.charCodeAt(index))
        return this.#fail(start, 'has no value where one must be')
    }
    return this.#add(kind, start, start + word.length)
  }

  #space(start: number): number {
    const { bytes } = this
    let position = start
    while (position < this.#end) {
      const byte = bytes[position] ?? 0
      if (byte > SPACE || (byte !== SPACE && byte !== 10 && byte !== 13 && byte !== 9)) break
      position++
    }
    return position
  }

  #add(kind: number, start: number, end: number): number {
    const entry = this.#count++
    this.kinds[entry] = kind
    this.starts[entry] = start
    this.ends[entry] = end
    this.nexts[entry] = this.#count
    return end
  }

  #fail(position: number, fault: string): number {
    this.fault = position >= this.#end ? 'ends too early' : fault
    this.faultAt = position
    return -1
  }

  #reserve(entries: number): void {
    if (entries <= this.kinds.length) return
    this.kinds = new Uint8Array(entries)
    this.starts = new Int32Array(entries)
    this.ends = new Int32Array(entries)
    this.nexts = new Int32Array(entries)
  }
}
