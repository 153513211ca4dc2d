import { type BarType, type DatasetId, isBarType, type Market } from '@lake/core'
import { type VenueRow, type VenueRows, venueRows } from './venue-rows.ts'
import { readZipEntry } from './zip-entry.ts'

const ROOTS: Readonly<Partial<Record<Market, string>>> = { spot: '/api/v3/', um: '/fapi/v1/', cm: '/dapi/v1/' }

/** How the lines of an archive file become rows of one address. */
interface RestForm {
  readonly path: string
  readonly row: (cells: readonly string[]) => VenueRow | undefined
}

/**
 * The rows of a real file of Binance's archive as Binance's REST interface prints them: the same decimals, times in
 * milliseconds. Metrics are served under five addresses, so they give five.
 *
 * Fields that REST prints and the archive does not have are left out: `longAccount` and the like beside ratios.
 *
 * @param zip the bytes of the file
 * @throws Error when the bytes are no zip, or when REST does not serve that type.
 *
 * @example
 * const rows = rowsFromArchive(await readFile('BTCUSDT-1m-2020-01-02.zip'), parseDatasetId('binance/spot/klines/BTCUSDT/1m'))
 * const venue = await startVenue({ rows })
 */
export function rowsFromArchive(zip: Uint8Array, dataset: DatasetId): readonly VenueRows[] {
  const lines = new TextDecoder().decode(readZipEntry(zip)).split(/\r?\n/)
  const table = lines.filter((line) => line !== '').map((line) => line.split(','))
  // A header starts with a letter, data never does.
  const data = /^[a-z]/.test(table[0]?.[0] ?? '') ? table.slice(1) : table
  return restForms(dataset).map(({ path, row }) => {
    const rows = data.map(row).filter((one) => one !== undefined)
    return venueRows({ path, symbol: restSymbol(dataset), interval: restInterval(dataset) }, rows)
  })
}

function restForms(dataset: DatasetId): readonly RestForm[] {
  const { market, dataType, symbol } = dataset
  const root = ROOTS[market]
  if (root === undefined) throw new Error(`Binance's REST interface is not replayed for the market ${market}`)
  if (isBarType(dataType)) return [{ path: `${root}${BAR_PATHS[dataType]}`, row: barRow }]
  switch (dataType) {
    case 'aggTrades':
      return [{ path: `${root}aggTrades`, row: aggTradeRow }]
    case 'trades':
      return [
        { path: `${root}trades`, row: (cells) => tradeRow(cells, market) },
        { path: `${root}historicalTrades`, row: (cells) => tradeRow(cells, market) },
      ]
    case 'fundingRate':
      return [{ path: `${root}fundingRate`, row: (cells) => fundingRow(cells, symbol) }]
    case 'metrics':
      return METRICS.map(({ path, fields }) => ({ path, row: (cells) => metricsRow(cells, fields) }))
    default:
      throw new Error(`Binance's REST interface does not serve ${dataType}`)
  }
}

const BAR_PATHS: Readonly<Record<BarType, string>> = {
  klines: 'klines',
  markPriceKlines: 'markPriceKlines',
  indexPriceKlines: 'indexPriceKlines',
  premiumIndexKlines: 'premiumIndexKlines',
}

/** Indices are asked for by pair: `BTCUSD` and not `BTCUSD_PERP`; the archive files them under the pair already. */
function restSymbol({ symbol, market, dataType }: DatasetId): string {
  return market === 'cm' && dataType === 'metrics' ? (symbol.split('_')[0] ?? symbol) : symbol
}

function restInterval({ interval, dataType }: DatasetId): string | undefined {
  if (dataType === 'metrics') return '5m'
  return interval === '1mo' ? '1M' : interval
}

function barRow(cells: readonly string[]): VenueRow {
  const [open = '', o = '', h = '', l = '', c = '', volume = '', close = '', quote = '', count = ''] = cells
  const [takerVolume = '', takerQuote = '', ignored = '0'] = cells.slice(9)
  const time = millis(open)
  const decimals = [o, h, l, c, volume].map((text) => `"${text}"`).join(',')
  const text = `[${time},${decimals},${millis(close)},"${quote}",${count},"${takerVolume}","${takerQuote}","${ignored}"]`
  return { time, text }
}

function aggTradeRow(cells: readonly string[]): VenueRow {
  const [id = '', price = '', size = '', first = '', last = '', at = '', maker = '', best] = cells
  const time = millis(at)
  const end = best === undefined ? '' : `,"M":${best.toLowerCase()}`
  const text = `{"a":${id},"p":"${price}","q":"${size}","f":${first},"l":${last},"T":${time},"m":${maker.toLowerCase()}${end}}`
  return { time, id: Number(id), text }
}

function tradeRow(cells: readonly string[], market: Market): VenueRow {
  const [id = '', price = '', size = '', value = '', at = '', maker = '', best] = cells
  const time = millis(at)
  const end = best === undefined ? '' : `,"isBestMatch":${best.toLowerCase()}`
  const name = market === 'cm' ? 'baseQty' : 'quoteQty'
  const text = `{"id":${id},"price":"${price}","qty":"${size}","${name}":"${value}","time":${time},"isBuyerMaker":${maker.toLowerCase()}${end}}`
  return { time, id: Number(id), text }
}

function fundingRow(cells: readonly string[], symbol: string): VenueRow {
  const [at = '', , rate = ''] = cells
  const time = millis(at)
  return { time, text: `{"symbol":"${symbol}","fundingTime":${time},"fundingRate":"${rate}"}` }
}

/** The addresses of the columns of the archive's metrics, each with its field's name and its column. */
const METRICS: readonly { readonly path: string; readonly fields: Readonly<Record<string, number>> }[] = [
  { path: '/futures/data/openInterestHist', fields: { sumOpenInterest: 2, sumOpenInterestValue: 3 } },
  { path: '/futures/data/topLongShortAccountRatio', fields: { longShortRatio: 4 } },
  { path: '/futures/data/topLongShortPositionRatio', fields: { longShortRatio: 5 } },
  { path: '/futures/data/globalLongShortAccountRatio', fields: { longShortRatio: 6 } },
  { path: '/futures/data/takerlongshortRatio', fields: { buySellRatio: 7 } },
]

function metricsRow(cells: readonly string[], fields: Readonly<Record<string, number>>): VenueRow | undefined {
  const values = Object.entries(fields).map(([name, column]) => [name, cells[column] ?? ''] as const)
  if (values.some(([, value]) => value === '')) return undefined
  const time = Date.parse(`${(cells[0] ?? '').replace(' ', 'T')}Z`)
  const printed = values.map(([name, value]) => `"${name}":"${value}"`).join(',')
  return { time, text: `{"symbol":"${cells[1] ?? ''}",${printed},"timestamp":${time}}` }
}

/** Archives write microseconds since 2025, the REST interface milliseconds. */
function millis(text: string): number {
  return Number(text.length >= 16 ? text.slice(0, -3) : text)
}
