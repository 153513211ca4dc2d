import { formatDatasetId, LakeError, manifestPrefix, parseDatasetId, silverSeries } from '@lake/core'
import type { Lake } from '@lake/pipeline'
import type { Terminal } from './terminal.ts'

/**
 * Says on standard error that a lake holds nothing at all. Its answers would be right and yet mislead: no rows and no
 * gaps look like good news, where `--lake` names the wrong place.
 */
export async function noteEmptyLake({ store }: Lake, terminal: Terminal): Promise<void> {
  if (await hasObjects(store, '_lake/manifests/')) return
  terminal.err(`lake: ${store.url} holds nothing yet. Is it the lake that you mean? Fill it with lake run.\n`)
}

/**
 * Sees to it that the lake holds the datasets that were named; when none was, says so where it holds nothing.
 *
 * @param datasets as the user named them; all that the lake holds when absent
 * @throws {@link LakeError} `NOT_FOUND` for one that it does not hold, `BAD_REQUEST` for one that is none.
 */
export async function expectHeld(
  lake: Lake,
  datasets: readonly string[] | undefined,
  terminal: Terminal,
): Promise<void> {
  if (datasets === undefined) {
    await noteEmptyLake(lake, terminal)
    return
  }
  for (const text of datasets) {
    const dataset = parseDatasetId(text)
    if (await hasObjects(lake.store, manifestPrefix(silverSeries(dataset)))) continue
    const id = formatDatasetId(dataset)
    const message = `The lake holds nothing of ${id}. See what it has with lake status, or bring it in with lake run.`
    throw new LakeError('NOT_FOUND', message, { details: { dataset: id } })
  }
}

async function hasObjects(store: Lake['store'], prefix: string): Promise<boolean> {
  for await (const _ of store.list({ prefix })) return true
  return false
}
