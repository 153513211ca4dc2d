import {
  type DatasetId,
  type PageFilter,
  type PageFormat,
  type RawPage,
  respellSymbol,
  type RowSource,
} from '@lake/core'
import type { Schema, TypeMap } from 'apache-arrow'
import { badPage, type PageFault } from './bad-page.ts'
import { FieldTree } from './field-tree.ts'
import { JSON_ARRAY, JSON_NULL, JSON_OBJECT, JSON_STRING, type JsonTape } from './json-tape.ts'
import { type PageCell, PageTable } from './page-table.ts'
import { PageTimes } from './page-times.ts'

/** What begins a path from the root of the JSON text. */
const ROOT = '$.'

interface Slotted extends PageCell {
  readonly slot: number
}

/** Reads the rows of JSON texts of one format into the columns of a table. */
export class PageReader<T extends TypeMap> {
  readonly table: PageTable<T>
  readonly format: PageFormat
  /** Rows in the table so far, and what became of the others. */
  rows = 0
  outside = 0
  unfinished = 0
  filtered = 0
  /** Event times of all rows so far, in epoch microseconds. */
  earliest: number = Number.MAX_SAFE_INTEGER
  latest = 0
  sorted = true
  readonly #symbol: string
  readonly #eventTime: Slotted | undefined
  readonly #closeTime: Slotted | undefined
  readonly #symbols: readonly Slotted[]
  readonly #others: readonly Slotted[]
  readonly #filters: readonly { readonly filter: PageFilter; readonly slot: number }[]
  readonly #slots = new Map<string, number>()
  /** The fields of a row; for rows that are arrays the slots by position. */
  readonly #fields = new FieldTree()
  readonly #positions: number[] = []
  /** The fields around the rows, by how many steps of the way to the rows lead to where they are looked for. */
  readonly #outer: (FieldTree | undefined)[] = []
  /** The steps of the way to the rows; none where every member is gone into. */
  readonly #steps: readonly (FieldTree | undefined)[]
  readonly #place = new Int32Array(1)
  /** The entry of each slot: of the row, and of what is around it. */
  readonly #found: Int32Array
  readonly #around: Int32Array
  #page: RawPage | undefined
  #line = 0
  #row = 0

  /** @throws {@link LakeError} `BAD_REQUEST` when the format does not fit the table of its data type */
  constructor(dataset: DatasetId, schema: Schema<T>, format: PageFormat, source: RowSource) {
    this.format = format
    this.#symbol = dataset.symbol
    this.#steps = format.rows.map((name) => (name === '*' ? undefined : new FieldTree([[name]])))
    this.table = new PageTable(dataset, schema, format, source)
    let position = 0
    const cells = this.table.cells.map((cell): Slotted => {
      const { name } = cell.column
      const isPositioned = format.shape === 'array' && !name.startsWith(ROOT)
      const slot = this.#slotOf(isPositioned ? `${position++}` : name)
      if (!isPositioned) for (const alias of cell.column.aliases ?? []) this.#lookFor(alias, slot)
      return { ...cell, slot }
    })
    this.#filters = (format.only ?? []).map((filter) => ({ filter, slot: this.#slotOf(filter.field) }))
    const timeOf = (name: string): Slotted | undefined =>
      cells.find(({ column, reader }) => column.to === name && reader instanceof PageTimes)
    this.#eventTime = timeOf('ts_event')
    this.#closeTime = timeOf('close_time')
    this.#symbols = cells.filter(({ column }) => column.kind === 'symbol')
    this.#others = cells.filter(
      (cell) => cell.reader !== undefined && cell !== this.#eventTime && cell !== this.#closeTime,
    )
    this.#found = new Int32Array(this.#slots.size)
    this.#around = new Int32Array(this.#slots.size)
  }

  /**
   * Reads the rows of the JSON text on the tape.
   *
   * @returns false when the text has no place for rows, as an answer that is an error
   */
  read(tape: JsonTape, page: RawPage, line: number): boolean {
    this.#page = page
    this.#line = line
    this.#row = 0
    this.table.intervals?.begin()
    return this.#descend(tape, 0, 0)
  }

  /** The slot that a field's entry goes to; the same for the same path. */
  #slotOf(name: string): number {
    const known = this.#slots.get(name)
    if (known !== undefined) return known
    const slot = this.#slots.size
    this.#slots.set(name, slot)
    this.#lookFor(name, slot)
    return slot
  }

  #lookFor(name: string, slot: number): void {
    if (name.startsWith(ROOT)) {
      const path = name.slice(ROOT.length).split('.')
      let shared = 0
      while (shared < path.length - 1 && path[shared] === this.format.rows[shared]) shared++
      const tree = this.#outer[shared] ?? new FieldTree()
      tree.add(path.slice(shared), slot)
      this.#outer[shared] = tree
    } else if (this.format.shape === 'array') {
      this.#positions[Number(name)] = slot
    } else {
      this.#fields.add(name.split('.'), slot)
    }
  }

  #descend(tape: JsonTape, entry: number, step: number): boolean {
    const outer = this.#outer[step]
    if (outer !== undefined) {
      outer.clear(this.#around)
      this.#find(tape, entry, outer, this.#around)
    }
    if (step === this.#steps.length) return this.#list(tape, entry)
    const named = this.#steps[step]
    if (named === undefined) return this.#everyMember(tape, entry, step)
    this.#place.fill(0)
    this.#find(tape, entry, named, this.#place)
    const member = this.#place[0] ?? 0
    return member !== 0 && this.#descend(tape, member, step + 1)
  }

  /** Goes on in every member, of which some must hold rows if there are any. */
  #everyMember(tape: JsonTape, entry: number, step: number): boolean {
    const kind = tape.kinds[entry] ?? 0
    if (kind > JSON_ARRAY) return false
    const end = tape.nexts[entry] ?? 0
    let fits = end === entry + 1
    for (let at = entry + 1; at < end;) {
      const value = kind === JSON_OBJECT ? at + 1 : at
      fits = this.#descend(tape, value, step + 1) || fits
      at = tape.nexts[value] ?? end
    }
    return fits
  }

  #find(tape: JsonTape, entry: number, tree: FieldTree, found: Int32Array): void {
    const twice = tree.find(tape, entry, found)
    if (twice !== 0) throw this.#fault({ field: tape.text(twice), why: 'stands there twice' })
  }

  #list(tape: JsonTape, entry: number): boolean {
    const kind = tape.kinds[entry] ?? 0
    const { shape } = this.format
    if (shape === 'single') {
      if (kind !== JSON_OBJECT) return false
      this.table.reserve(this.rows + 1)
      this.#readRow(tape, entry)
      return true
    }
    if (kind !== JSON_ARRAY) return false
    const rowKind = shape === 'array' ? JSON_ARRAY : JSON_OBJECT
    const end = tape.nexts[entry] ?? 0
    for (let at = entry + 1; at < end; at = tape.nexts[at] ?? end) {
      if (tape.kinds[at] !== rowKind) {
        this.#row++
        const wanted = shape === 'array' ? 'a list' : 'an object'
        throw this.#fault({ value: tape.text(at), why: `is a row that is not ${wanted}` })
      }
      this.table.reserve(this.rows + 1)
      this.#readRow(tape, at)
    }
    return true
  }

  #readRow(tape: JsonTape, entry: number): void {
    this.#row++
    const found = this.#found
    found.set(this.#around)
    if (this.format.shape === 'array') this.#findPositions(tape, entry)
    else this.#find(tape, entry, this.#fields, found)
    if (!this.#passes(tape)) {
      this.filtered++
      return
    }
    for (const cell of this.#symbols) this.#checkSymbol(tape, cell)
    const { table, rows } = this
    if (this.#eventTime?.column.kind === 'received') table.eventTime.set(this.#receivedAt, rows)
    else if (this.#eventTime !== undefined) this.#readCell(tape, this.#eventTime)
    if (this.#closeTime !== undefined) this.#readCell(tape, this.#closeTime)
    const event = table.eventTime.last
    const { range, asOf } = this.#raw.envelope
    if (event < range.from || event >= range.to) {
      table.intervals?.see(event, -1)
      this.outside++
      return
    }
    const available = table.available()
    if (available > asOf) {
      this.unfinished++
      return
    }
    for (const cell of this.#others) this.#readCell(tape, cell)
    table.setTimes(rows, available)
    table.intervals?.see(event, rows)
    if (event >= this.latest) this.latest = event
    else this.sorted = false
    if (event < this.earliest) this.earliest = event
    this.rows = rows + 1
  }

  #findPositions(tape: JsonTape, entry: number): void {
    const positions = this.#positions
    const end = tape.nexts[entry] ?? 0
    let at = entry + 1
    for (let index = 0; index < positions.length && at < end; index++) {
      const slot = positions[index]
      if (slot !== undefined) this.#found[slot] = at
      at = tape.nexts[at] ?? end
    }
  }

  #passes(tape: JsonTape): boolean {
    for (const { filter, slot } of this.#filters) {
      const entry = this.#found[slot] ?? 0
      if (entry === 0) return false
      if (filter.anyOf === 'something') {
        if (tape.kinds[entry] === JSON_NULL) return false
        continue
      }
      const text = respellSymbol(tape.text(entry), filter.spelling)
      if (filter.anyOf === 'symbol' ? text !== this.#symbol : !filter.anyOf.includes(text)) return false
    }
    return true
  }

  #checkSymbol(tape: JsonTape, { column, slot }: Slotted): void {
    const entry = this.#found[slot] ?? 0
    const text = entry === 0 ? undefined : tape.text(entry)
    if (text === this.#symbol || (text === undefined && column.nullable === true)) return
    const why = text === undefined ? 'is missing' : `is another symbol than ${this.#symbol}`
    throw badPage('WRONG_FILE', this.#located({ field: column.name, value: text, why }))
  }

  #readCell(tape: JsonTape, { column, reader, slot }: Slotted): void {
    const entry = this.#found[slot] ?? 0
    const kind = entry === 0 ? JSON_NULL : (tape.kinds[entry] ?? 0)
    if (kind === JSON_NULL || (kind === JSON_STRING && tape.starts[entry] === tape.ends[entry])) {
      if (column.nullable === true) {
        reader?.clear(this.rows)
        return
      }
      const why = entry === 0 ? 'is missing' : kind === JSON_NULL ? 'is null' : 'is empty'
      throw this.#fault({ field: column.name, why })
    }
    if (reader?.read(tape, entry, this.rows) === true) return
    const value = tape.text(entry)
    const why = kind <= JSON_ARRAY ? 'is no single value' : reader?.refusal(value)
    throw this.#fault({ field: column.name, value, why: why ?? 'cannot be read' })
  }

  get #receivedAt(): number {
    const { lineTimes, envelope } = this.#raw
    return lineTimes?.[this.#line - 1] ?? envelope.receivedAt
  }

  get #raw(): RawPage {
    if (this.#page === undefined) throw new Error('no page is being read')
    return this.#page
  }

  #located(fault: Omit<PageFault, 'page' | 'line' | 'row'>): PageFault {
    return { page: this.#raw, line: this.#line, row: this.#row === 0 ? undefined : this.#row, ...fault }
  }

  #fault(fault: Omit<PageFault, 'page' | 'line' | 'row'>): Error {
    return badPage('BAD_ROW', this.#located(fault))
  }
}
