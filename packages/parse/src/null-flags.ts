import type { NullableIntegers } from '@lake/core'

/** A growing array of flags: 1 where a row has no value. */
export class NullFlags {
  #flags = new Uint8Array(0)

  set(row: number, isNull: boolean): void {
    this.#flags[row] = isNull ? 1 : 0
  }

  reserve(rows: number): void {
    const flags = new Uint8Array(rows)
    flags.set(this.#flags)
    this.#flags = flags
  }

  /** Gives away the flags of these values; only the values when none is null. */
  beside(values: BigInt64Array): BigInt64Array | NullableIntegers {
    const nulls = this.#flags.slice(0, values.length)
    this.#flags = new Uint8Array(0)
    return nulls.includes(1) ? { values, nulls } : values
  }
}
