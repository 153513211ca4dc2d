import { DAY_MICROS, dayOf, intervalStart, nextIntervalStart, parseInstant } from '@lake/core'
import type { DatasetQuality, QualityDay } from '@lake/pipeline'

/** What one cell of a coverage map stands for. */
export type CoverageUnit = 'day' | 'week' | 'month' | 'quarter' | 'year'

/** What a lake has of a dataset in one cell. */
export interface CoverageCell {
  /** Its first day and the day after its last, as the dataset has them. */
  readonly from: string
  readonly to: string
  readonly rows: number
  /** `null` where nobody can tell. */
  readonly expected: number | null
  /** 0 to 1, of the rows that could exist; `null` where nobody can tell. */
  readonly completeness: number | null
  /** The lowest of its partitions; `null` where none was checked. */
  readonly score: number | null
  readonly blocked: boolean
}

/** The cells of a dataset, by where they begin: an epoch microsecond UTC. */
export type CoverageRow = ReadonlyMap<number, CoverageCell>

/** The finest unit in which so many days fit into so many cells; years when none is coarse enough. */
export function coverageUnit(days: number, cells: number): CoverageUnit {
  if (days <= cells) return 'day'
  if (days / 7 <= cells - 1) return 'week'
  if (days / 28 <= cells - 1) return 'month'
  return days / 90 <= cells - 1 ? 'quarter' : 'year'
}

/** Where the cells of a range begin. */
export function cellStarts(unit: CoverageUnit, { from, to }: { readonly from: number; readonly to: number }): number[] {
  const starts: number[] = []
  for (let at = cellStart(unit, from); at < to; at = nextCell(unit, at)) starts.push(at)
  return starts
}

/** The days of a dataset in cells of a unit. */
export function coverageCells({ days }: DatasetQuality, unit: CoverageUnit): CoverageRow {
  const byCell = new Map<number, QualityDay[]>()
  for (const day of days) {
    const start = cellStart(unit, parseInstant(day.day))
    const others = byCell.get(start)
    if (others === undefined) byCell.set(start, [day])
    else others.push(day)
  }
  return new Map([...byCell].map(([start, ofCell]) => [start, cellOf(ofCell)]))
}

function cellOf(days: readonly QualityDay[]): CoverageCell {
  const rows = days.reduce((sum, day) => sum + (day.rows ?? 0), 0)
  const known = days.filter(({ expected }) => expected !== null)
  const scores = days.flatMap(({ score }) => (score === null ? [] : [score]))
  return {
    from: days[0]?.day ?? '',
    to: dayOf(parseInstant(days.at(-1)?.day ?? '') + DAY_MICROS),
    rows,
    expected: known.length === 0 ? null : known.reduce((sum, { expected }) => sum + (expected ?? 0), 0),
    completeness: known.length === 0 ? null : meanCompleteness(known),
    score: scores.length === 0 ? null : Math.min(...scores),
    blocked: days.some(({ blocked }) => blocked !== null),
  }
}

/** Of all rows that could exist: a day that a halt has shortened counts for less. */
function meanCompleteness(days: readonly QualityDay[]): number {
  let present = 0
  let possible = 0
  for (const { rows, completeness } of days) {
    if (rows === null || completeness === null) continue
    present += rows
    possible += completeness > 0 ? rows / completeness : 0
  }
  const lost = days.filter(({ completeness }) => completeness === 0)
  possible += lost.reduce((sum, { expected }) => sum + (expected ?? 0), 0)
  return possible === 0 ? 1 : Math.min(1, present / possible)
}

const GRAIN = { day: '1d', week: '1w', month: '1mo' } as const

/** How many months the larger units have. */
const MONTHS = { quarter: 3, year: 12 } as const

function cellStart(unit: CoverageUnit, time: number): number {
  if (unit !== 'quarter' && unit !== 'year') return intervalStart(GRAIN[unit], time)
  const [year = '', month = ''] = dayOf(time).split('-')
  const first = Number(month) - ((Number(month) - 1) % MONTHS[unit])
  return parseInstant(`${year}-${String(first).padStart(2, '0')}-01`)
}

function nextCell(unit: CoverageUnit, start: number): number {
  if (unit !== 'quarter' && unit !== 'year') return nextIntervalStart(GRAIN[unit], start)
  let end = start
  for (let month = 0; month < MONTHS[unit]; month++) end = nextIntervalStart('1mo', end)
  return end
}
