import type { DatasetId, TimeRange } from '@lake/core'
import { openManifestReader } from '@lake/ledger'
import type { Lake } from './define-lake.ts'
import { type DatasetGaps, explainDataset } from './explain-dataset.ts'
import { heldDatasets } from './held-datasets.ts'
import { requestedDatasets } from './run-request.ts'
import { openVenueMemory } from './venue-memory.ts'

/** Where to look for gaps. */
export interface GapsRequest {
  /** All that the lake holds when absent. */
  readonly datasets?: readonly (DatasetId | string)[] | undefined
  /** Closed-open; from the first to the last period that the lake holds when absent. */
  readonly range?: TimeRange | undefined
}

/**
 * Every gap of a lake with its cause, dataset by dataset, told by manifests and inventories alone.
 *
 * @throws {@link LakeError} `BAD_REQUEST` for a malformed request.
 *
 * @example
 * for await (const { id, gaps } of listGaps(lake)) console.log(id, gaps?.length)
 */
export async function* listGaps(
  lake: Lake,
  request: GapsRequest = {},
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): AsyncGenerator<DatasetGaps, void, undefined> {
  const reader = openManifestReader(lake.store, signal)
  const memory = openVenueMemory(lake.store)
  const datasets =
    request.datasets === undefined ? await heldDatasets(reader) : requestedDatasets({ datasets: request.datasets })
  for (const dataset of datasets) {
    signal?.throwIfAborted()
    yield await explainDataset({ lake, dataset, range: request.range, reader, memory, signal })
  }
}
