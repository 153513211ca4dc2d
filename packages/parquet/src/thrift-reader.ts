// Thrift's compact protocol, in which Parquet writes its headers and its footer: of its types those that are told apart.
const TRUE = 1
const FALSE = 2
const BYTE = 3
const INT16 = 4
const INT64 = 6
const DOUBLE = 7
const BINARY = 8
const LIST = 9
const SET = 10
const STRUCT = 12

/**
 * Reads structures of Thrift's compact protocol field by field, and skips what nobody asks for, which takes a tenth of the time
 * that making objects of all of it does. What it throws where bytes end early, or are none of this, begins with `what`.
 */
export class ThriftReader {
  readonly #what: string
  readonly #bytes: Uint8Array
  /** The same bytes, for who reads texts. */
  #texts: Buffer | undefined
  #at = 0
  #type = 0

  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = bytes
    this.#what = what
  }

  /** Bytes that were read. */
  get length(): number {
    return this.#at
  }

  /** Calls `read` with the number of each field of the structure that comes next; it reads or skips what the field holds. */
  fields(read: (id: number) => void): void {
    let id = 0
    for (;;) {
      const byte = this.#byte()
      const type = byte & 15
      if (type === 0) return
      this.#type = INT16
      id = byte >> 4 === 0 ? this.integer() : id + (byte >> 4)
      this.#type = type
      read(id)
    }
  }

  /** A structure as the value of a field, or of an element of a list. */
  struct(read: (id: number) => void): void {
    this.#expect(this.#type === STRUCT)
    this.fields(read)
  }

  /** Calls `read` for each element of a list, which it reads or skips. */
  list(read: () => void): void {
    this.#expect(this.#type === LIST || this.#type === SET)
    const byte = this.#byte()
    const type = byte & 15
    const count = byte >> 4 === 15 ? this.#count() : byte >> 4
    // Each element takes a byte at least, truth values too: so that no count can keep a reader busy for nothing.
    this.#need(count)
    for (let nth = 0; nth < count; nth++) {
      this.#type = type === TRUE || type === FALSE ? BYTE : type
      read()
    }
  }

  /** An integer of up to 32 bits. */
  integer(): number {
    this.#expectInteger()
    const number = this.#count()
    return (number >>> 1) ^ -(number & 1)
  }

  /** An integer of 64 bits; throws for one that a double cannot hold. */
  long(): number {
    this.#expectInteger()
    let number = 0
    for (let power = 1; power < 2 ** 70; power *= 128) {
      const byte = this.#byte()
      number += (byte & 127) * power
      if (byte >= 128) continue
      if (!Number.isSafeInteger(number)) throw new Error(`${this.#what} has a number of ${number}, which is too large`)
      return number % 2 === 0 ? number / 2 : -(number + 1) / 2
    }
    throw new Error(`${this.#what} has a number that does not end`)
  }

  /** A truth value, which a field has in its type and an element of a list in a byte. */
  flag(): boolean {
    if (this.#type === BYTE) return this.#byte() === TRUE
    this.#expect(this.#type === TRUE || this.#type === FALSE)
    return this.#type === TRUE
  }

  /** Bytes, which are those that are read from and no copy. */
  binary(): Uint8Array {
    const start = this.#skipBinary()
    return this.#bytes.subarray(start, this.#at)
  }

  text(): string {
    const start = this.#skipBinary()
    const { buffer, byteOffset, byteLength } = this.#bytes
    this.#texts ??= Buffer.from(buffer, byteOffset, byteLength)
    return this.#texts.toString('utf8', start, this.#at)
  }

  /** The bytes of a value of any type. */
  skipped(): Uint8Array {
    const start = this.#at
    this.skip()
    return this.#bytes.subarray(start, this.#at)
  }

  /** Passes over a value of any type. */
  skip(): void {
    const type = this.#type
    if (type < BYTE) return
    if (type === BYTE) this.#skipBytes(1)
    else if (type < DOUBLE) while (this.#byte() >= 128);
    else if (type === DOUBLE) this.#skipBytes(8)
    else if (type === BINARY) this.#skipBinary()
    else if (type === LIST || type === SET) this.list(this.#skipField)
    else if (type === STRUCT) this.fields(this.#skipField)
    else throw new Error(`${this.#what} has a field of type ${type}`)
  }

  readonly #skipField = (): void => {
    this.skip()
  }

  #skipBinary(): number {
    this.#expect(this.#type === BINARY)
    const length = this.#count()
    const start = this.#at
    this.#skipBytes(length)
    return start
  }

  #skipBytes(count: number): void {
    this.#need(count)
    this.#at += count
  }

  /** 32 bits, not negative, in groups of seven. */
  #count(): number {
    let count = 0
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#byte()
      if (shift < 32) count |= (byte & 127) << shift
      if (byte < 128) return count >>> 0
    }
    throw new Error(`${this.#what} has a number that does not end`)
  }

  #byte(): number {
    const byte = this.#bytes[this.#at++]
    if (byte !== undefined) return byte
    throw this.#endsEarly()
  }

  #need(count: number): void {
    if (count > this.#bytes.length - this.#at) throw this.#endsEarly()
  }

  #expectInteger(): void {
    this.#expect(this.#type >= INT16 && this.#type <= INT64)
  }

  #expect(isExpected: boolean): void {
    if (!isExpected) throw new Error(`${this.#what} has a field of type ${this.#type} where another one belongs`)
  }

  #endsEarly(): Error {
    return new Error(`${this.#what} ends in the middle`)
  }
}
