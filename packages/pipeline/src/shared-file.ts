import { bronzeArchiveKey, type DatasetId, type ExchangeAdapter, formatDatasetId, type SharedFiles } from '@lake/core'
import { originalKey } from '@lake/ingest-s5cmd'

/**
 * What the adapter says of a file in bronze that holds rows of many instruments, this dataset's among them; undefined
 * where the file is of the dataset alone.
 */
export function sharedFileOf(adapter: ExchangeAdapter, dataset: DatasetId, key: string): SharedFiles | undefined {
  const folder = bronzeArchiveKey(adapter.id, '')
  return key.startsWith(folder) ? sharedSourceOf(adapter, dataset, originalKey(key).slice(folder.length)) : undefined
}

/** The same by the key at the source. */
export function sharedSourceOf(
  { archive }: ExchangeAdapter,
  dataset: DatasetId,
  sourceKey: string,
): SharedFiles | undefined {
  const shared = archive?.sharedBy?.(dataset) ?? []
  if (shared.length === 0) return undefined
  const found = archive?.parseKey(sourceKey)?.dataset
  const name = found && formatDatasetId(found)
  return shared.find((one) => formatDatasetId(one.dataset) === name)
}
