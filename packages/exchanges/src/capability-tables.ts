import { DATA_TYPES, type DataType, type ExchangeAdapter, type Market, MARKETS, type RestSeries } from '@lake/core'

/** What an adapter can do, as rows of Markdown tables: what can be read from where, without opening its source. */
export interface CapabilityRows {
  /** `exchange | archive | checksums | REST | instruments | live | bars without trades` */
  readonly venue: string
  /** For each type of data that it has: `exchange | data | archive | REST | live`, each with its markets. */
  readonly data: readonly string[]
}

/**
 * The rows that an adapter fills in the tables of what each venue gives.
 *
 * @example
 * capabilityRows(kraken).data // ['| kraken | klines | – | spot: the newest 721 | – |', …]
 */
export function capabilityRows(adapter: ExchangeAdapter): CapabilityRows {
  const { id, archive, rest, live, omitsEmptyBars } = adapter
  const listing = archive === undefined ? NOTHING : LISTINGS[archive.listing?.kind ?? 's3']
  const checksums = archive?.checksumSuffix === undefined ? NOTHING : (archive.checksumAlgorithm ?? 'sha256')
  const budgets = (rest?.budgets ?? []).map(({ weight, window }) => `${weight} in ${seconds(window)}`)
  const instruments = (rest?.instruments ?? []).flatMap(({ markets }) => markets)
  const venue = [
    ...[id, listing, checksums, listOf([...new Set(budgets)], '; '), listOf(inOrder(instruments), ' ')],
    ...[
      live === undefined ? NOTHING : String(live.channels.length + (live.rawStreams ?? []).length),
      omitsEmptyBars === true ? 'absent' : 'present',
    ],
  ]
  return { venue: rowOf(venue), data: DATA_TYPES.flatMap((dataType) => dataRow(adapter, dataType)) }
}

/** A page of Markdown tables for adapters, in their order. */
export function capabilityTables(adapters: readonly ExchangeAdapter[]): string {
  const rows = adapters.map(capabilityRows)
  const venueHead = ['exchange', 'archive', 'checksums', 'REST weight', 'instruments', 'streams', 'bars without trades']
  const dataHead = ['exchange', 'data', 'archive, parsed', 'REST', 'live']
  return [
    ...[rowOf(venueHead), rowOf(venueHead.map(() => '---')), ...rows.map(({ venue }) => venue), ''],
    ...[rowOf(dataHead), rowOf(dataHead.map(() => '---')), ...rows.flatMap(({ data }) => data), ''],
  ].join('\n')
}

const NOTHING = '–'

const LISTINGS = {
  s3: 'a bucket',
  'html-index': 'web pages',
  'index-api': 'an API names files',
  probe: 'asked by name',
  histories: 'a folder of yours',
} as const

function dataRow({ id, formats = [], rest, live }: ExchangeAdapter, dataType: DataType): readonly string[] {
  const archived = inOrder(formats.filter((format) => format.dataType === dataType).flatMap(({ markets }) => markets))
  const series = (rest?.series ?? []).filter((one) => one.dataType === dataType)
  const channels = (live?.channels ?? []).filter((one) => one.dataType === dataType)
  const raw = (live?.rawStreams ?? []).filter((one) => one.dataType === dataType)
  if (archived.length + series.length + channels.length + raw.length === 0) return []
  // Series that differ in nothing but their markets are one line of the venue's rules.
  const pages = new Map<string, Market[]>()
  for (const one of series) pages.set(pageOf(one), [...(pages.get(pageOf(one)) ?? []), ...one.markets])
  const served = [...pages].map(([page, markets]) => `${inOrder(markets).join(' ')}: ${page}`)
  const sent = inOrder(channels.flatMap(({ markets }) => markets))
  const sample = channels.some((channel) => channel.sample === true) ? ' (a sample)' : ''
  return [
    rowOf([
      id,
      dataType,
      listOf(archived, ' '),
      listOf(served, '; '),
      sentOf(sent, sample, inOrder(raw.flatMap(({ markets }) => markets))),
    ]),
  ]
}

function sentOf(sent: readonly Market[], sample: string, raw: readonly Market[]): string {
  const parts = [
    ...(sent.length === 0 ? [] : [sent.join(' ') + sample]),
    ...(raw.length === 0 ? [] : [`${raw.join(' ')} (frames)`]),
  ]
  return parts.length === 0 ? NOTHING : parts.join('; ')
}

function pageOf({ walk, pageLimit, reach }: RestSeries): string {
  if (walk === 'latest') return `the newest ${pageLimit}`
  const days = reach === undefined ? '' : `, ${Math.round(reach / 86_400_000_000)} days back`
  const by = { forward: 'by time', backward: 'by time', id: 'by number', cursor: 'page after page' }[walk]
  return `${pageLimit} a page, ${by}${days}`
}

function inOrder(markets: readonly Market[]): readonly Market[] {
  return MARKETS.filter((market) => markets.includes(market))
}

function listOf(parts: readonly string[], separator: string): string {
  return parts.length === 0 ? NOTHING : parts.join(separator)
}

function seconds(micros: number): string {
  return `${micros / 1_000_000} s`
}

function rowOf(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}
