import { type DatasetId, formatDatasetId, type Series } from '@lake/core'
import { type Manifest, MANIFEST_PREFIX, openManifestReader } from '@lake/ledger'
import type { Lake } from './define-lake.ts'

/**
 * The manifests of all tables that can be made of the files of a dataset: those of its symbol, and where the files hold
 * many instruments, those of these.
 */
export async function manifestsMadeOf(lake: Lake, dataset: DatasetId): Promise<Manifest[]> {
  const { exchange, market, symbol } = dataset
  const sharedBy = lake.exchange(exchange).archive?.sharedBy
  // The files of an instrument that has a part of others are its own alone.
  const isOwn = sharedBy === undefined || sharedBy(dataset).length > 0
  const name = formatDatasetId(dataset)
  const isMadeOf = (series: Series): boolean =>
    (series.market === market && series.symbol === symbol) ||
    (sharedBy?.({ ...dataset, market: series.market, symbol: series.symbol }) ?? []).some(
      (shared) => formatDatasetId(shared.dataset) === name,
    )
  const place = isOwn ? `${exchange}/${market}/${encodeURIComponent(symbol)}/` : `${exchange}/`
  const reader = openManifestReader(lake.store)
  const manifests: Manifest[] = []
  for await (const { key: table } of lake.store.list({ prefix: MANIFEST_PREFIX, delimiter: '/' })) {
    const entries = await reader.entries(`${table}${place}`)
    manifests.push(...(await reader.read(entries.filter(({ series }) => isMadeOf(series)))))
  }
  return manifests
}
