import {
  bronzeFramePrefix,
  bronzePagePrefix,
  type DatasetId,
  type ExchangeAdapter,
  monthOf,
  type ObjectStore,
  periodsIn,
} from '@lake/core'
import { type HeldFrames, heldFramesOf, type HeldPage, heldPageOf } from './held-file.ts'

/**
 * The REST pages and recorded frames of a dataset that lie in bronze, by the months that they belong to, without those
 * of streams that no table holds. Lists, and reads nothing.
 */
export async function listHeldPages(
  store: ObjectStore,
  adapter: ExchangeAdapter,
  dataset: DatasetId,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, readonly (HeldPage | HeldFrames)[]>> {
  const months = new Map<string, (HeldPage | HeldFrames)[]>()
  const keep = (month: string, file: HeldPage | HeldFrames): void => {
    const others = months.get(month)
    if (others === undefined) months.set(month, [file])
    else others.push(file)
  }
  for await (const { key } of store.list({ prefix: bronzePagePrefix(dataset), signal })) {
    const page = heldPageOf(key)
    if (page !== undefined) keep(monthOf(page.period.from), page)
  }
  for await (const { key } of store.list({ prefix: bronzeFramePrefix(dataset), signal })) {
    const frames = heldFramesOf(dataset, key)
    if (frames === undefined || adapter.live?.rawStreams?.some(({ id }) => id === frames.series) === true) continue
    for (const { label } of periodsIn('month', frames.period)) keep(label, frames)
  }
  return months
}
