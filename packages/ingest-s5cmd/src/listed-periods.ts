import { type DatasetId, formatDatasetId, intervalStart, type Period } from '@lake/core'
import type { Tail } from './probe-tail.ts'

type Kind = Period['kind']

interface Listed {
  readonly dataset: DatasetId
  readonly first: Partial<Record<Kind, number>>
  readonly last: Partial<Record<Kind, number>>
}

/** How far each dataset is listed, in days and in months. Memory is that of the datasets. */
export class ListedPeriods {
  private readonly byName = new Map<string, Listed>()
  private readonly kinds = new Set<string>()
  private latest: Listed | undefined

  add(dataset: DatasetId, { kind, from, to }: Period): void {
    const listed = this.listedOf(dataset)
    if (listed.first[kind] === undefined) this.kinds.add(groupOf(dataset, kind))
    listed.first[kind] = Math.min(listed.first[kind] ?? Infinity, from)
    listed.last[kind] = Math.max(listed.last[kind] ?? -Infinity, to)
  }

  /** True when any dataset of the same market and type has files of that kind. */
  hasKind(dataset: DatasetId, kind: Kind): boolean {
    return this.kinds.has(groupOf(dataset, kind))
  }

  /** Of each kind that a dataset has. */
  tails(): Tail[] {
    return [...this.byName.values()].flatMap(({ dataset, last }) =>
      KINDS.flatMap((kind) => (last[kind] === undefined ? [] : [{ dataset, kind, listedTo: last[kind] }])),
    )
  }

  /** Of the kinds that a dataset has not: months from its first day on, days from its last month on. */
  otherTails(isWanted: (dataset: DatasetId, kind: Kind) => boolean): Tail[] {
    return [...this.byName.values()].flatMap(({ dataset, first, last }): Tail[] => {
      if (last.month === undefined && first.day !== undefined && isWanted(dataset, 'month')) {
        return [{ dataset, kind: 'month', listedTo: intervalStart('1mo', first.day) }]
      }
      if (last.day === undefined && last.month !== undefined && isWanted(dataset, 'day')) {
        return [{ dataset, kind: 'day', listedTo: last.month }]
      }
      return []
    })
  }

  private listedOf(dataset: DatasetId): Listed {
    // Files of a dataset come together, mostly as the same object.
    if (this.latest?.dataset === dataset) return this.latest
    const name = formatDatasetId(dataset)
    const listed = this.byName.get(name) ?? { dataset, first: {}, last: {} }
    this.byName.set(name, listed)
    this.latest = listed
    return listed
  }
}

const KINDS: readonly Kind[] = ['day', 'month']

function groupOf({ market, dataType }: DatasetId, kind: Kind): string {
  return `${kind}/${market}/${dataType}`
}
