import {
  type ArchiveFolder,
  type ArchiveName,
  type ArchiveRules,
  DATA_TYPES,
  type DataType,
  type DatasetId,
  INTERVALS,
  isBarType,
  type Market,
  MARKETS,
  parseDatasetId,
  parsePeriod,
  type Period,
} from '@lake/core'

const MARKET_FOLDERS: Readonly<Record<Market, string>> = {
  spot: 'spot',
  um: 'futures/um',
  cm: 'futures/cm',
  option: 'option',
}

/** The archive's own word for a data type, where it is not ours. */
const TYPE_WORDS: Partial<Readonly<Record<DataType, string>>> = {
  liquidations: 'liquidationSnapshot',
  bvolIndex: 'BVOLIndex',
  eohSummary: 'EOHSummary',
}

const PERIOD_FOLDERS: Readonly<Record<Period['kind'], string>> = { day: 'daily', month: 'monthly' }

const KEY =
  /^data\/(spot|futures\/um|futures\/cm|option)\/(?:daily|monthly)\/([^/]+)\/([^/]+)\/(?:([^/]+)\/)?[^/]+-(\d{4}-\d\d(?:-\d\d)?)\.zip$/

/**
 * How data.binance.vision is laid out:
 *
 *     data/{spot|futures/um|futures/cm|option}/{daily|monthly}/{type}/{SYMBOL}[/{interval}]/{SYMBOL}-{interval|type}-{YYYY-MM-DD|YYYY-MM}.zip
 *
 * Keys are plain UTF-8, as in the bucket: a symbol such as 币安人生USDT stands in them as it is. Which type exists in
 * which market, by day or by month, is for the listing to say: the archive has changed its mind about it before.
 */
export const binanceArchive: ArchiveRules = {
  url: 'https://data.binance.vision',
  listingUrl: 'https://s3-ap-northeast-1.amazonaws.com/data.binance.vision',
  checksumSuffix: '.CHECKSUM',
  prefixes(dataset: DatasetId): readonly string[] {
    return dataset.exchange === 'binance' ? [folderOf(dataset, 'day'), folderOf(dataset, 'month')] : []
  },
  key(dataset: DatasetId, period: Period): string | undefined {
    return dataset.exchange === 'binance' ? keyOf(dataset, period) : undefined
  },
  parseKey,

  readFolder,
}

function folderOf({ market, dataType, symbol, interval }: DatasetId, kind: Period['kind']): string {
  const folder = `data/${MARKET_FOLDERS[market]}/${PERIOD_FOLDERS[kind]}/${wordOf(dataType)}/${symbol}/`
  return interval === undefined ? folder : `${folder}${interval}/`
}

function keyOf(dataset: DatasetId, period: Period): string {
  const word = dataset.interval ?? wordOf(dataset.dataType)
  return `${folderOf(dataset, period.kind)}${dataset.symbol}-${word}-${period.label}.zip`
}

function parseKey(key: string): ArchiveName | undefined {
  const [, folder, word, symbol = '', interval, label = ''] = KEY.exec(key) ?? []
  const market = MARKETS.find((name) => MARKET_FOLDERS[name] === folder)
  const dataType = DATA_TYPES.find((name) => wordOf(name) === word)
  if (market === undefined || dataType === undefined) return undefined
  try {
    const stem = `binance/${market}/${dataType}/${encodeURIComponent(symbol)}`
    const dataset = parseDatasetId(interval === undefined ? stem : `${stem}/${interval}`)
    const period = parsePeriod(label)
    // The pattern is loose on purpose: a key is what its dataset and period spell, and nothing else.
    return keyOf(dataset, period) === key ? { dataset, period: reaching(dataset, period) } : undefined
  } catch {
    return undefined
  }
}

/** From this day on the rows of all metrics bear the begin of their five minutes, from 00:00 to 23:55. */
const METRICS_BEAR_BEGINS = parsePeriod('2026-06-25').from
const FIVE_MINUTES = 300_000_000

/** The first month of best bids and offers, which ends with the first row of the next one. */
const FIRST_BOOK_TICKERS = '2023-05'
const SECOND = 1_000_000

/** Before that many days of USD-margined metrics ran from 00:05 to the next midnight, or some seconds after it. */
function reaching({ market, dataType }: DatasetId, period: Period): Period {
  if (dataType === 'bookTicker' && period.label === FIRST_BOOK_TICKERS) {
    return { ...period, reachesTo: period.to + SECOND }
  }
  if (market !== 'um' || dataType !== 'metrics' || period.to > METRICS_BEAR_BEGINS) return period
  return { ...period, reachesTo: period.to + FIVE_MINUTES }
}

/** The levels below the root: `data`, market (one or two), daily or monthly, type, symbol, interval. */
const FOLDER =
  /^(?:data\/(?:(?:(spot|futures\/um|futures\/cm|option)\/(?:(?:daily|monthly)\/(?:([^/]+)\/(?:([^/]+)\/(?:([^/]+)\/)?)?)?)?)|futures\/)?)?$/

function readFolder(folder: string): readonly ArchiveFolder[] {
  const match = FOLDER.exec(folder)
  if (match === null) return []
  const [, place, word, symbol, text] = match
  const dataType = DATA_TYPES.find((name) => wordOf(name) === word)
  const interval = INTERVALS.find((name) => name === text)
  // A type that the lake has no table for, or a folder deeper than a type has them.
  if ((word !== undefined && dataType === undefined) || (text !== undefined && interval === undefined)) return []
  if (text !== undefined && dataType !== undefined && !isBarType(dataType)) return []
  return [{ market: MARKETS.find((name) => MARKET_FOLDERS[name] === place), dataType, symbol, interval }]
}

function wordOf(dataType: DataType): string {
  return TYPE_WORDS[dataType] ?? dataType
}
