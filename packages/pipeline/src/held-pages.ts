import { bronzePagePrefix, type DatasetId, monthOf, type ObjectStore } from '@lake/core'
import { type HeldPage, heldPageOf } from './held-file.ts'

/** The REST pages of a dataset that lie in bronze, by the month that they belong to. Lists, and reads nothing. */
export async function listHeldPages(
  store: ObjectStore,
  dataset: DatasetId,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, readonly HeldPage[]>> {
  const months = new Map<string, HeldPage[]>()
  for await (const { key } of store.list({ prefix: bronzePagePrefix(dataset), signal })) {
    const page = heldPageOf(key)
    if (page === undefined) continue
    const month = monthOf(page.period.from)
    const others = months.get(month)
    if (others === undefined) months.set(month, [page])
    else others.push(page)
  }
  return months
}
