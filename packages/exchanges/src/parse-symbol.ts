/** What a symbol is made of. */
export interface SymbolParts {
  readonly base: string
  readonly quote: string
  /** What comes after the pair: `PERP`, `SWAP`, a date of delivery such as `240329`; absent for a bare pair. */
  readonly contract?: string | undefined
  /** How often it says SETTLED: more than 0 for a contract that ended or was replaced. */
  readonly settled: number
}

/** The quote assets of the venues that are known here, the retired ones included; longest first: FDUSD ends in USD. */
const QUOTES: readonly string[] = [
  'USDT', 'USDC', 'USDS', 'USDP', 'USDE', 'USDG', 'USD1', 'USDD', 'FDUSD', 'TUSD', 'BUSD', 'PYUSD', 'RLUSD', 'BFUSD', 'USD', 'PAX',
  'DAI', 'UST', 'USTC', 'EURI', 'EUR', 'GBP', 'AUD', 'TRY', 'RUB', 'UAH', 'NGN', 'ZAR', 'BRL', 'ARS', 'MXN', 'COP', 'CZK', 'PLN',
  'RON', 'JPY', 'BKRW', 'KRW', 'IDRT', 'BIDR', 'IDR', 'BVND', 'VAI', 'THB', 'AEUR', 'BTC', 'ETH', 'BNB', 'TRX', 'XRP', 'DOGE', 'DOT',
  'SOL', 'KCS', 'OKB', 'GT',
].sort((a, b) => b.length - a.length) // prettier-ignore

const SEPARATED = /^([^-_/]+)[-_/]([^-_/]+)(?:[-_/](.+))?$/u
const DELIVERY = /^(?:PERP|SWAP|\d{6}|futureschain|\d{6}-.+)$/u

/**
 * Base and quote of a venue's symbol, as `BTCUSDT`, `BTCUSD_PERP`, `BTCUSDT_240329`, `BTC-USDT-SWAP`, `BTC_USDT`, `BTCUSDTM` or
 * `AERGOUSDTSETTLED` write them: where nothing separates them, the longest quote asset at the end counts, so
 * `BTCFDUSD` is BTC in FDUSD. `undefined` when no known quote ends the symbol.
 *
 * @example
 * parseSymbol('1000SHIBUSDT') // { base: '1000SHIB', quote: 'USDT', settled: 0 }
 */
export function parseSymbol(symbol: string): SymbolParts | undefined {
  const name = symbol.replace(/(?:SETTLED)+$/, '')
  const settled = (symbol.length - name.length) / 'SETTLED'.length
  const [, first = '', second = '', rest] = SEPARATED.exec(name) ?? []
  if (first === '') {
    const pair = splitPair(name) ?? splitFuture(name)
    return pair && { ...pair, settled }
  }
  // The pair itself is not separated when only the delivery is: BTCUSD_PERP.
  if (rest === undefined && DELIVERY.test(second)) {
    const pair = splitPair(first)
    return pair && { ...pair, contract: second, settled }
  }
  const pair = { base: first, quote: second }
  return rest === undefined ? { ...pair, settled } : { ...pair, contract: rest, settled }
}

interface Pair {
  readonly base: string
  readonly quote: string
}

function splitPair(name: string): Pair | undefined {
  const quote = QUOTES.find((asset) => name.length > asset.length && name.endsWith(asset))
  return quote === undefined ? undefined : { base: name.slice(0, -quote.length), quote }
}

/** `BTCUSDTM` is a perpetual of KuCoin, `BTCUSDH25` a quarterly and `BTCPERP` a perpetual in USDC of Bybit. */
function splitFuture(name: string): (Pair & { readonly contract: string }) | undefined {
  const perpetual = /^(.+)PERP$/u.exec(name)?.[1]
  if (perpetual !== undefined) return { base: perpetual, quote: 'USDC', contract: 'PERP' }
  const [, stem = '', contract = ''] = /^(.+USD[TC]?)(M|[HMUZ]\d\d)$/u.exec(name) ?? []
  const pair = splitPair(stem)
  return pair && { ...pair, contract }
}
