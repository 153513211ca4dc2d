import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type DataType,
  dayOf,
  hasColumns,
  integerValues,
  LakeError,
  microsOf,
  monthOf,
  parsePeriod,
  type Period,
} from '@lake/core'
import { mergeTables } from '@lake/merge'
import { type Schema, type Table, tableFromIPC, tableToIPC, type TypeMap } from 'apache-arrow'
import { addCounts, mergeCounts } from './counts.ts'

/*
 * A month of ticks may be larger than memory, and its rows may come in any order of days. So the batches of the file
 * are cut at midnight into pieces, and the pieces gather by day. When those in memory exceed the bound, the day that
 * has most of them moves to one scratch file, as Arrow streams one after the other; its pieces are found again by
 * their offset. A month in order, and smaller than the bound, touches no disk. Bars whose days are cut at another
 * midnight are cut into months in the same way.
 */

/** Where rows wait that memory has no room for. */
export interface Scratch {
  /** A folder on a disk with room for an unpacked month; the system's temporary folder by default. */
  readonly folder: string
  /** How much of a month is kept in memory, in bytes. */
  readonly memoryBytes: number
}

/** The rows of a file by day, or by month. */
export interface DaySpill<T extends TypeMap> {
  /** Takes a batch, in any order of time. */
  add(table: Table<T>): Promise<void>
  /** The rows of a day (or month) by its label, unsorted, as the batches brought them; `undefined` when there are none. */
  read(label: string): Promise<Table<T> | undefined>
  /** What sorting the batches has found: rows that were there twice. */
  readonly counts: Readonly<Record<string, number>>
  /** Removes what lies on disk. */
  close(): Promise<void>
}

interface DayRows<T extends TypeMap> {
  pieces: Table<T>[]
  bytes: number
  readonly segments: { readonly offset: number; readonly length: number }[]
}

/** What the rows of a spill are. */
export interface SpilledRows<T extends TypeMap> {
  readonly dataType: DataType
  readonly schema: Schema<T>
  /** What they are cut into. */
  readonly kind: Period['kind']
}

/** More pieces than this in a batch, and it is sorted first. */
const MAXIMUM_PIECES = 64

/**
 * Opens an empty spill. Whoever opens it must close it.
 */
export function openDaySpill<T extends TypeMap>(
  { dataType, schema, kind }: SpilledRows<T>,
  { folder, memoryBytes }: Scratch,
): DaySpill<T> {
  const days = new Map<string, DayRows<T>>()
  let scratch: { readonly path: string; readonly file: FileHandle } | undefined
  let end = 0
  let held = 0
  let counts: Readonly<Record<string, number>> = {}

  const moveOut = async (rows: DayRows<T>): Promise<void> => {
    scratch ??= await createScratch(folder)
    for (const piece of rows.pieces) {
      const bytes = tableToIPC(piece)
      await write(scratch.file, bytes, end)
      rows.segments.push({ offset: end, length: bytes.length })
      end += bytes.length
    }
    held -= rows.bytes
    rows.pieces = []
    rows.bytes = 0
  }
  const readSegment = async ({ offset, length }: DayRows<T>['segments'][number]): Promise<Table<T>> => {
    const bytes = new Uint8Array(length)
    await scratch?.file.read(bytes, 0, length, offset)
    const table: Table = tableFromIPC(bytes)
    if (hasColumns(table, schema)) return table
    throw new LakeError(
      'STORE_FAILED',
      `The scratch file in ${folder} does not hold what was written to it. The month was not touched; run again.`,
    )
  }
  const cut = (table: Table<T>): readonly Piece<T>[] => {
    const pieces = piecesOf(table, kind)
    if (pieces.length <= MAXIMUM_PIECES) return pieces
    const merged = mergeTables({ dataType, schema, inputs: [{ table, name: '', source: 'archive' }] })
    counts = addCounts([counts, mergeCounts(merged.report)])
    return piecesOf(merged.table, kind)
  }
  return {
    get counts() {
      return counts
    },
    add: async (table) => {
      for (const { label, piece } of cut(table)) {
        const rows = days.get(label) ?? { pieces: [], bytes: 0, segments: [] }
        days.set(label, rows)
        const bytes = bytesOf(piece)
        rows.pieces.push(piece)
        rows.bytes += bytes
        held += bytes
      }
      while (held > memoryBytes) await moveOut(fullest(days))
    },
    read: async (label) => {
      const rows = days.get(label)
      if (rows === undefined) return undefined
      const pieces: Table<T>[] = []
      for (const segment of rows.segments) pieces.push(await readSegment(segment))
      const [first, ...others] = [...pieces, ...rows.pieces]
      return first?.concat(...others)
    },
    close: async () => {
      await scratch?.file.close()
      if (scratch !== undefined) await rm(scratch.path, { recursive: true, force: true })
    },
  }
}

interface Piece<T extends TypeMap> {
  readonly label: string
  readonly piece: Table<T>
}

/** The pieces of a batch that lie in one period each, in the order of the batch. */
function piecesOf<T extends TypeMap>(table: Table<T>, kind: Period['kind']): Piece<T>[] {
  const times = microsOf(integerValues(table, 'ts_event'))
  const cuts: { readonly label: string; readonly row: number }[] = []
  let end = Number.NEGATIVE_INFINITY
  let start = Number.POSITIVE_INFINITY
  for (let row = 0; row < times.length; row++) {
    const time = times[row] ?? 0
    if (time < end && time >= start) continue
    const period = parsePeriod(kind === 'day' ? dayOf(time) : monthOf(time))
    start = period.from
    end = period.to
    cuts.push({ label: period.label, row })
  }
  return cuts.map(({ label, row }, index) => ({
    label,
    piece: cuts.length === 1 ? table : table.slice(row, cuts[index + 1]?.row ?? times.length),
  }))
}

function bytesOf({ data, numRows }: Table): number {
  const widest = data.reduce((most, { byteLength, length }) => Math.max(most, byteLength / Math.max(1, length)), 0)
  return Math.ceil(widest * numRows)
}

function fullest<T extends TypeMap>(days: ReadonlyMap<string, DayRows<T>>): DayRows<T> {
  return [...days.values()].reduce((most, rows) => (rows.bytes > most.bytes ? rows : most))
}

async function createScratch(folder: string): Promise<{ readonly path: string; readonly file: FileHandle }> {
  const path = await mkdtemp(join(folder, 'lake-month-'))
  return { path, file: await open(join(path, 'rows'), 'w+') }
}

async function write(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  try {
    for (let done = 0; done < bytes.length;) {
      done += (await file.write(bytes, done, bytes.length - done, position + done)).bytesWritten
    }
  } catch (cause) {
    const isFull = cause instanceof Error && 'code' in cause && cause.code === 'ENOSPC'
    const code = isFull ? 'NO_SPACE' : 'STORE_FAILED'
    throw new LakeError(
      code,
      'The scratch folder for large months cannot be written. The month was not touched. Make room there, or name another folder.',
      { cause },
    )
  }
}
