import type { DatasetId, TimeRange } from '@lake/core'
import { openManifestReader } from '@lake/ledger'
import type { Lake } from './define-lake.ts'
import { heldDatasets } from './held-datasets.ts'
import { type DatasetQuality, measureDataset } from './measure-dataset.ts'
import { requestedDatasets } from './run-request.ts'
import { openVenueMemory } from './venue-memory.ts'

/** Where to look. */
export interface QualityRequest {
  /** All that the lake holds when absent. */
  readonly datasets?: readonly (DatasetId | string)[] | undefined
  /** Closed-open; of each dataset from the first to the last period that the lake holds when absent. */
  readonly range?: TimeRange | undefined
}

/**
 * How fresh, how complete and how good each dataset of a lake is, day by day: rows, those expected, what is missing and
 * why, the score and findings of the checks, what is blocked. Told by manifests and inventories alone, each read once.
 *
 * @throws {@link LakeError} `BAD_REQUEST` for a malformed request.
 *
 * @example
 * for await (const { id, age, days } of measureQuality(lake)) console.log(id, age, days.length)
 */
export async function* measureQuality(
  lake: Lake,
  request: QualityRequest = {},
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): AsyncGenerator<DatasetQuality, void, undefined> {
  const reader = openManifestReader(lake.store, signal)
  const memory = openVenueMemory(lake.store)
  const datasets =
    request.datasets === undefined ? await heldDatasets(reader) : requestedDatasets({ datasets: request.datasets })
  for (const dataset of datasets) {
    signal?.throwIfAborted()
    yield await measureDataset({ lake, dataset, reader, memory, range: request.range, signal })
  }
}
