import { type Interval, parseInterval } from './interval.ts'
import { LakeError } from './lake-error.ts'
import { DATA_TYPES, type DataType, isBarType, type Market, MARKETS } from './vocabulary.ts'

/** One series of a venue. The interval is there exactly when the rows are bars. */
export interface DatasetId {
  readonly exchange: string
  readonly market: Market
  readonly dataType: DataType
  /** The venue's own name, as it writes it. */
  readonly symbol: string
  readonly interval?: Interval | undefined
}

const FORM = 'exchange/market/dataType/symbol[/interval]'
const EXCHANGE = /^[a-z][a-z0-9]*$/

/**
 * The dataset that a text names, `exchange/market/dataType/symbol[/interval]`. A symbol may be percent-encoded.
 *
 * @throws {@link LakeError} `BAD_REQUEST` naming the part that is wrong and what would be right.
 *
 * @example
 * parseDatasetId('binance/um/klines/BTCUSDT/1m').interval // '1m'
 */
export function parseDatasetId(text: string): DatasetId {
  const parts = text.split('/')
  if (parts.length < 4 || parts.length > 5)
    refuse(text, `it has ${parts.length === 1 ? '1 part' : `${parts.length} parts`}, not 4 or 5`)
  const [exchange = '', market = '', dataType = '', symbol = '', interval] = parts
  if (!EXCHANGE.test(exchange)) refuse(text, `'${exchange}' is not the lower-case name of an exchange`)
  if (!isOneOf(MARKETS, market)) refuse(text, `there is no market '${market}', only ${MARKETS.join(' ')}`)
  if (!isOneOf(DATA_TYPES, dataType)) refuse(text, `there is no data type '${dataType}', only ${DATA_TYPES.join(' ')}`)
  const name = decodeSymbol(text, symbol)
  if (isBarType(dataType)) {
    if (interval === undefined) refuse(text, `${dataType} needs an interval, as in ${text}/1m`)
    return { exchange, market, dataType, symbol: name, interval: parseInterval(interval) }
  }
  if (interval !== undefined) refuse(text, `${dataType} has no interval, but '${interval}' is given`)
  return { exchange, market, dataType, symbol: name }
}

/**
 * The text of a dataset; {@link parseDatasetId} reads it back. The symbol is percent-encoded where it must be.
 *
 * @example
 * formatDatasetId({ exchange: 'binance', market: 'um', dataType: 'klines', symbol: 'BTCUSDT', interval: '1m' })
 * // 'binance/um/klines/BTCUSDT/1m'
 */
export function formatDatasetId(id: DatasetId): string {
  const stem = `${id.exchange}/${id.market}/${id.dataType}/${encodeURIComponent(id.symbol)}`
  return id.interval === undefined ? stem : `${stem}/${id.interval}`
}

function decodeSymbol(text: string, encoded: string): string {
  let symbol: string
  try {
    symbol = decodeURIComponent(encoded)
  } catch {
    refuse(text, `'${encoded}' is not percent-encoded correctly`)
  }
  // A symbol becomes a folder name in the lake: what could leave that folder is refused here, once.
  if (symbol === '' || symbol === '.' || symbol === '..' || /[\p{Cc}\p{Cs}/\\]/u.test(symbol)) {
    refuse(text, `'${encoded}' cannot be a symbol`)
  }
  return symbol
}

function refuse(text: string, why: string): never {
  throw new LakeError('BAD_REQUEST', `'${text}' is not a dataset (${FORM}): ${why}.`, { details: { value: text } })
}

function isOneOf<T extends string>(list: readonly T[], text: string): text is T {
  return (list as readonly string[]).includes(text)
}
