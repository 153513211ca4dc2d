import { DAY_MICROS, dayOf, parseInstant } from '@lake/core'
import type { DatasetQuality } from '@lake/pipeline'
import { type CoverageCell, coverageCells, type CoverageUnit, coverageUnit, cellStarts } from './coverage-cells.ts'

/** From which completeness on a cell is drawn so. */
const SHADES: readonly (readonly [least: number, shade: string])[] = [
  [1, '█'],
  [0.99, '▓'],
  [0.9, '▒'],
  [Number.MIN_VALUE, '░'],
]

const LEGEND = '█ whole  ▓ 99 %  ▒ 90 %  ░ less  · nothing  ! blocked'

/** The least room for cells, on a terminal however narrow. */
const LEAST_CELLS = 20

/** The unit of a map of datasets on a terminal, and the range that it spans; `undefined` when there is no day. */
export function coverageFrame(
  datasets: readonly DatasetQuality[],
  columns: number,
): { readonly unit: CoverageUnit; readonly from: number; readonly to: number } | undefined {
  const days = datasets.flatMap((dataset) => [dataset.days[0], dataset.days.at(-1)].flatMap((day) => day ?? []))
  if (days.length === 0) return undefined
  const times = days.map(({ day }) => parseInstant(day))
  const [from, to] = [Math.min(...times), Math.max(...times) + DAY_MICROS]
  const cells = Math.max(LEAST_CELLS, columns - titleWidth(datasets) - 2)
  return { unit: coverageUnit((to - from) / DAY_MICROS, cells), from, to }
}

/**
 * A line for each dataset, a cell for each day, week, month, quarter or year, whichever fits: the darker, the more complete. Halts
 * and time outside of a listing are not missed. Empty when there is nothing to draw.
 */
export function coverageMap(datasets: readonly DatasetQuality[], columns: number): string {
  const frame = coverageFrame(datasets, columns)
  if (frame === undefined) return ''
  const { unit, from, to } = frame
  const starts = cellStarts(unit, frame)
  const width = titleWidth(datasets)
  const lines = datasets.map((dataset) => {
    const cells = coverageCells(dataset, unit)
    return `${dataset.id.padEnd(width)}  ${starts.map((start) => shadeOf(cells.get(start))).join('')}`.trimEnd()
  })
  const title = `coverage, a cell a ${unit}`.padEnd(width)
  const head = `${title}  ${dayOf(from)} to ${dayOf(to - DAY_MICROS)}`
  return `${[head, ...lines, `${' '.repeat(width)}  ${LEGEND}`].join('\n')}\n`
}

function titleWidth(datasets: readonly DatasetQuality[]): number {
  return datasets.reduce((width, { id }) => Math.max(width, id.length), 'coverage, a cell a quarter'.length)
}

function shadeOf(cell: CoverageCell | undefined): string {
  if (cell === undefined) return ' '
  if (cell.blocked) return '!'
  // Events on no grid are there or are not.
  const share = cell.completeness ?? (cell.rows > 0 ? 1 : 0)
  return SHADES.find(([least]) => share >= least)?.[1] ?? '·'
}
