import { type ExchangeAdapter, LakeError, type PageFormat, readObject, type TimeRange } from '@lake/core'
import { decodePage } from '@lake/ingest-ccxt'
import { parsePageTable } from '@lake/parse'
import type { HeldPage } from './held-file.ts'
import type { SilverRows, SilverRowsOptions } from './silver-rows.ts'

/**
 * The rows that a REST page has for a partition. What the page holds outside of its own range, and outside of the
 * partition's, belongs to others.
 *
 * @throws {@link LakeError} `CORRUPT_LAKE` when the page is damaged, and what parsing throws.
 */
export async function parseHeldPage(
  { lake, adapter, dataset, signal }: SilverRowsOptions,
  held: HeldPage,
  partition: TimeRange,
): Promise<SilverRows> {
  const { envelope, body } = decodePage(await readObject(lake.store, held.key, { signal }), held.key)
  const range = {
    from: Math.max(held.period.from, partition.from),
    to: Math.min(held.period.to, partition.to),
  }
  const { table, report } = await parsePageTable({
    pages: [{ envelope: { ...envelope, range }, body }],
    dataset,
    formatOf: () => pageFormat(adapter, held),
    signal,
  })
  const inexact = Object.entries(report.inexact).map(([column, count]) => [`inexact_${column}`, count] as const)
  return {
    table,
    name: held.key,
    source: 'rest',
    receivedAt: envelope.receivedAt,
    counts: Object.fromEntries(inexact),
  }
}

function pageFormat({ id, rest }: ExchangeAdapter, { key, series }: HeldPage): PageFormat {
  const format = rest?.series.find((one) => one.id === series)?.format
  if (format !== undefined) return format
  throw new LakeError(
    'CORRUPT_LAKE',
    `The page ${key} is of the series ${series}, which the adapter of ${id} does not describe. Nothing was changed.`,
    { details: { key, series } },
  )
}
