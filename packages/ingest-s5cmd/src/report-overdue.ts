import { type DatasetId, DAY_MICROS, formatDatasetId, type Period, periodsIn } from '@lake/core'
import type { ArchiveChange } from './archive-change.ts'
import type { ArchiveFile } from './archive-file.ts'

export interface OverdueOptions {
  /** Everything that the source has of what is watched. */
  readonly files: Iterable<Pick<ArchiveFile, 'dataset' | 'period'>>
  /** What the last scan found to be other than before. None when absent. */
  readonly changes?: Iterable<ArchiveChange> | undefined
  /** Epoch microseconds UTC. */
  readonly now: number
}

/** Files of a dataset that should have been published by now. */
export interface OverdueFiles {
  readonly dataset: DatasetId
  readonly period: 'daily' | 'monthly'
  /** The newest that there is. */
  readonly newest: string
  /** Those that are missing after it and due, in order. */
  readonly missing: readonly string[]
  /** Whole days since the first of them was due. */
  readonly daysLate: number
}

export interface OverdueReport {
  /** Keys of files that were not there at the last scan. */
  readonly available: readonly string[]
  readonly overdue: readonly OverdueFiles[]
  /** Datasets that got nothing for so long that nothing is expected any more: delisted symbols, types that were given up. */
  readonly ended: readonly Omit<OverdueFiles, 'missing' | 'daysLate'>[]
  /** Keys of files that were there and are gone. */
  readonly vanished: readonly string[]
}

/** How long after its period a file may take. */
const DUE_AFTER: Readonly<Record<Period['kind'], number>> = { day: 3 * DAY_MICROS, month: 35 * DAY_MICROS }

/** When to expect nothing more: two months without a daily file, four without a monthly one. */
const ENDED_AFTER: Readonly<Record<Period['kind'], number>> = { day: 60 * DAY_MICROS, month: 120 * DAY_MICROS }

/**
 * Which files newly appeared, which should be there and are not (a daily file three days after its day, a monthly one 35
 * days after its month), and which are gone. Only files after a dataset's newest one can be overdue. Pure.
 */
export function reportOverdue({ files, changes = [], now }: OverdueOptions): OverdueReport {
  const newest = new Map<string, { readonly dataset: DatasetId; period: Period }>()
  for (const { dataset, period } of files) {
    const name = `${formatDatasetId(dataset)} ${period.kind}`
    const known = newest.get(name)
    if (known === undefined) newest.set(name, { dataset, period })
    else if (period.to > known.period.to) known.period = period
  }
  const overdue: OverdueFiles[] = []
  const ended: OverdueReport['ended'][number][] = []
  for (const { dataset, period } of newest.values()) {
    const { kind, label } = period
    const about = { dataset, period: kind === 'day' ? 'daily' : 'monthly', newest: label } as const
    if (now - period.to >= ENDED_AFTER[kind]) {
      ended.push(about)
      continue
    }
    const due = duePeriods(period, now)
    const [first] = due
    if (first === undefined) continue
    const daysLate = Math.floor((now - first.to - DUE_AFTER[kind]) / DAY_MICROS)
    overdue.push({ ...about, missing: due.map((missing) => missing.label), daysLate })
  }
  const told = [...changes]
  const keysOf = (kind: ArchiveChange['kind']): string[] =>
    told.filter((change) => change.kind === kind).map(({ key }) => key)
  return { available: keysOf('new'), overdue, ended, vanished: keysOf('vanished') }
}

/** The periods after the newest one whose files are due. Days may be cut elsewhere than at midnight UTC. */
function duePeriods({ kind, label, to }: Period, now: number): Period[] {
  const [calendar] = periodsIn(kind, { from: startOf(label), to: startOf(label) + 1 })
  const shift = to - (calendar?.to ?? to)
  const after = periodsIn(kind, { from: to - shift, to: Math.max(to, now) - shift })
  return after
    .map((period) => ({ ...period, from: period.from + shift, to: period.to + shift }))
    .filter((period) => period.to + DUE_AFTER[kind] <= now)
}

function startOf(label: string): number {
  return Date.parse(label) * 1000
}
