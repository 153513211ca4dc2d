import type { Market } from '@lake/core'

/**
 * The market of an instrument by its id: `BTC-USDT` spot, `BTC-USDT-SWAP` and `BTC-USDT-240329` margined in a stable
 * coin, `BTC-USD-SWAP` in the coin, `BTC-USD-240329-50000-C` an option; also for the names of whole families.
 */
export function okxMarket(symbol: string): Market {
  if (symbol === 'allswap') return 'um'
  const [, quote, ...rest] = symbol.split('-')
  if (rest.length === 0) return 'spot'
  if (rest.length > 1 || /^option/.test(rest[0] ?? '')) return 'option'
  return quote === 'USD' ? 'cm' : 'um'
}
