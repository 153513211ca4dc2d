import { type DatasetId, DAY_MICROS, formatDatasetId } from '@lake/core'
import { parseSymbol } from '@lake/exchanges'
import type { ArchiveFile, PlannedFile } from './archive-file.ts'
import { scopeTest } from './archive-scope.ts'
import type { CollectionRequest } from './collection-request.ts'
import { planTransfer } from './plan-transfer.ts'

export interface CollectionOptions {
  readonly request: CollectionRequest
  /** What the archive has, at least of what is requested; daily and monthly listings together. */
  readonly files: Iterable<ArchiveFile>
}

/** What a request comes to. Nothing was moved yet. */
export interface CollectionPlan {
  /** In the order in which the archive names them. */
  readonly datasets: readonly DatasetId[]
  /** The fewest files, each with the reason for taking it. */
  readonly files: readonly PlannedFile[]
  readonly bytes: number
}

/** A symbol that got no file for so long when others of its kind did has ended: the newest month is always a while ago. */
const ENDED_AFTER = 62 * DAY_MICROS

/**
 * The datasets and files of a request, of what an archive has: see {@link planTransfer} for the choice. Pure.
 *
 * @example
 * const request = parseCollectionRequest({ exchange: 'binance', markets: ['um'], dataTypes: ['fundingRate'] })
 * const { datasets, files, bytes } = planCollection({ request, files: discovered })
 */
export function planCollection({ request, files }: CollectionOptions): CollectionPlan {
  const scope = scopeTest(request)
  const known = new WeakMap<DatasetId, boolean>()
  const holds = (dataset: DatasetId): boolean => {
    let isHeld = known.get(dataset)
    if (isHeld === undefined)
      known.set(dataset, (isHeld = dataset.exchange === request.exchange && scope.holds(dataset)))
    return isHeld
  }
  const all = request.delisted ? files : withoutEnded([...files])
  const wanted: ArchiveFile[] = []
  for (const file of all) if (holds(file.dataset)) wanted.push(file)
  const planned = planTransfer({ files: wanted, range: request.range, reconcile: request.reconcile })
  const datasets = new Map<DatasetId, string>()
  for (const { dataset } of planned) if (!datasets.has(dataset)) datasets.set(dataset, formatDatasetId(dataset))
  return {
    datasets: [...new Map([...datasets].map(([dataset, name]) => [name, dataset])).values()],
    files: planned,
    bytes: planned.reduce((sum, { size }) => sum + size, 0),
  }
}

/** Leaves out symbols that say SETTLED, and those whose newest file is much older than the newest of their kind. */
function withoutEnded(files: readonly ArchiveFile[]): ArchiveFile[] {
  const newest = new Map<string, number>()
  const note = (name: string, to: number): void => {
    newest.set(name, Math.max(newest.get(name) ?? -Infinity, to))
  }
  const names = new WeakMap<DatasetId, readonly [kind: string, symbol: string]>()
  const namesOf = (dataset: DatasetId): readonly [kind: string, symbol: string] => {
    let pair = names.get(dataset)
    if (pair === undefined) {
      const { exchange, market, dataType, symbol } = dataset
      const kind = `${exchange}/${market}/${dataType}`
      names.set(dataset, (pair = [kind, `${kind}/${symbol}`]))
    }
    return pair
  }
  for (const { dataset, period } of files) for (const name of namesOf(dataset)) note(name, period.to)
  return files.filter(({ dataset }) => {
    const [kind, symbol] = namesOf(dataset)
    if ((parseSymbol(dataset.symbol)?.settled ?? 0) > 0) return false
    return (newest.get(kind) ?? 0) - (newest.get(symbol) ?? 0) <= ENDED_AFTER
  })
}
