import { JSON_ARRAY, JSON_ESCAPED, JSON_OBJECT, type JsonTape } from './json-tape.ts'

interface Member {
  readonly name: string
  readonly bytes: Buffer
  /** The slot of the field; none when only what is in it is looked for. */
  slot: number | undefined
  inner: FieldTree | undefined
}

/** Finds fields of a JSON value by their paths, in one walk over its members. */
export class FieldTree {
  readonly #members: Member[] = []
  /** Rows name their fields in the same order, so the next name is mostly the one behind the last. */
  #expected = 0

  /** @param paths what to look for, each in the slot of its position */
  constructor(paths: readonly (readonly string[])[] = []) {
    for (const [slot, path] of paths.entries()) this.add(path, slot)
  }

  /** Looks for a path from now on: the field's entry goes to `slot`. */
  add(path: readonly string[], slot: number): void {
    const [name = '', ...rest] = path
    let member = this.#members.find((one) => one.name === name)
    if (member === undefined) {
      member = { name, bytes: Buffer.from(name), slot: undefined, inner: undefined }
      this.#members.push(member)
    }
    if (rest.length > 0) (member.inner ??= new FieldTree()).add(rest, slot)
    else member.slot = slot
  }

  /** Forgets what was found. */
  clear(found: Int32Array): void {
    for (const { slot, inner } of this.#members) {
      if (slot !== undefined) found[slot] = 0
      inner?.clear(found)
    }
  }

  /**
   * Puts the entries of the fields into `found`, which must be 0 where nothing was found: entry 0 is the root.
   *
   * @returns the entry of a name that the value has twice; 0 when there is none
   */
  find(tape: JsonTape, entry: number, found: Int32Array): number {
    const kind = tape.kinds[entry] ?? 0
    if (kind > JSON_ARRAY || this.#members.length === 0) return 0
    const end = tape.nexts[entry] ?? 0
    let index = 0
    for (let at = entry + 1; at < end; index++) {
      const value = kind === JSON_OBJECT ? at + 1 : at
      const member =
        kind === JSON_OBJECT ? this.#named(tape, at) : this.#members.find(({ name }) => name === `${index}`)
      at = tape.nexts[value] ?? end
      if (member === undefined) continue
      const { slot, inner } = member
      if (slot !== undefined) {
        if (found[slot] !== 0) return value - 1
        found[slot] = value
      }
      const twice = inner?.find(tape, value, found) ?? 0
      if (twice !== 0) return twice
    }
    return 0
  }

  #named(tape: JsonTape, key: number): Member | undefined {
    const members = this.#members
    const [start = 0, end = 0] = [tape.starts[key], tape.ends[key]]
    if (tape.kinds[key] === JSON_ESCAPED) {
      const text = tape.text(key)
      return members.find(({ name }) => name === text)
    }
    for (let tried = 0; tried < members.length; tried++) {
      const at = (this.#expected + tried) % members.length
      const member = members[at]
      if (member === undefined || !equals(tape.bytes, start, end, member.bytes)) continue
      this.#expected = at + 1
      return member
    }
    return undefined
  }
}

function equals(bytes: Buffer, start: number, end: number, name: Buffer): boolean {
  if (end - start !== name.length) return false
  for (let index = 0; index < name.length; index++) {
    if (bytes[start + index] !== name[index]) return false
  }
  return true
}
