import { ByteWriter } from './byte-writer.ts'

/** Types of Thrift's compact protocol, in which Parquet writes its headers and its footer. */
const THRIFT = { true: 1, false: 2, int32: 5, int64: 6, binary: 8, list: 9, struct: 12 } as const

const encoder = new TextEncoder()

/** Writes structs of Thrift's compact protocol. Fields are given in ascending order of their ids. */
export class ThriftWriter {
  readonly #out: ByteWriter
  #lastId = 0

  constructor(out: ByteWriter) {
    this.#out = out
  }

  /** The fields that `body` writes, as the value of an element of a list or at the outermost level. */
  element(body: () => void): void {
    const outer = this.#lastId
    this.#lastId = 0
    body()
    this.#out.byte(0)
    this.#lastId = outer
  }

  struct(id: number, body: () => void): void {
    this.#field(id, THRIFT.struct)
    this.element(body)
  }

  int32(id: number, value: number): void {
    this.#field(id, THRIFT.int32)
    this.#zigzag(value)
  }

  int64(id: number, value: number): void {
    this.#field(id, THRIFT.int64)
    this.#zigzag(value)
  }

  flag(id: number, value: boolean): void {
    this.#field(id, value ? THRIFT.true : THRIFT.false)
  }

  binary(id: number, value: Uint8Array): void {
    this.#field(id, THRIFT.binary)
    this.#bytes(value)
  }

  text(id: number, value: string): void {
    this.binary(id, encoder.encode(value))
  }

  structs<T>(id: number, items: readonly T[], body: (item: T) => void): void {
    this.#list(id, THRIFT.struct, items.length)
    for (const item of items) {
      this.element(() => {
        body(item)
      })
    }
  }

  int32s(id: number, values: readonly number[]): void {
    this.#list(id, THRIFT.int32, values.length)
    for (const value of values) this.#zigzag(value)
  }

  int64s(id: number, values: readonly number[]): void {
    this.#list(id, THRIFT.int64, values.length)
    for (const value of values) this.#zigzag(value)
  }

  flags(id: number, values: readonly boolean[]): void {
    this.#list(id, THRIFT.true, values.length)
    for (const value of values) this.#out.byte(value ? THRIFT.true : THRIFT.false)
  }

  binaries(id: number, values: readonly Uint8Array[]): void {
    this.#list(id, THRIFT.binary, values.length)
    for (const value of values) this.#bytes(value)
  }

  #field(id: number, type: number): void {
    // No struct of Parquet leaves out fifteen ids in a row.
    this.#out.byte(((id - this.#lastId) << 4) | type)
    this.#lastId = id
  }

  #list(id: number, type: number, length: number): void {
    this.#field(id, THRIFT.list)
    if (length < 15) {
      this.#out.byte((length << 4) | type)
    } else {
      this.#out.byte(0xf0 | type)
      this.#out.varint(length)
    }
  }

  #zigzag(value: number): void {
    this.#out.varint(value < 0 ? -2 * value - 1 : 2 * value)
  }

  #bytes(value: Uint8Array): void {
    this.#out.varint(value.length)
    this.#out.append(value)
  }
}
