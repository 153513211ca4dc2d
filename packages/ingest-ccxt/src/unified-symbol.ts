import { LakeError } from '@lake/core'
import { memberOf } from './unified-rows.ts'

/** ccxt's words for the markets of the lake. */
const FLAGS = { spot: 'spot', um: 'linear', cm: 'inverse' } as const

/**
 * ccxt's name of what the venue calls `symbol` in a market; one name can be a pair and a contract at once.
 *
 * @param markets of ccxt's exchange, loaded
 * @throws {@link LakeError} `NOT_FOUND` when there is none, which says where the symbol is traded and what others look like.
 */
export function unifiedSymbol(markets: unknown, exchange: string, symbol: string, market: string): string {
  const entries: readonly unknown[] = Object.values(typeof markets === 'object' && markets !== null ? markets : {})
  const named = (entry: unknown): boolean => memberOf(entry, 'id') === symbol
  const traded = (name: string): boolean => entries.some((entry) => named(entry) && isIn(entry, name))
  const found = entries.find((entry) => named(entry) && isIn(entry, market))
  if (found !== undefined) return String(memberOf(found, 'symbol'))
  const elsewhere = Object.keys(FLAGS).filter(traded)
  const others = entries.filter((entry) => isIn(entry, market)).map((entry) => String(memberOf(entry, 'id')))
  const advice = [
    elsewhere.length > 0 ? ` It is traded in ${elsewhere.join(' and ')}.` : '',
    others.length === 0
      ? ` It has no ${market} market at all.`
      : ` Symbols are the venue's own, such as ${others.slice(0, 3).join(', ')}.`,
  ].join('')
  throw new LakeError('NOT_FOUND', `ccxt knows no ${market} market '${symbol}' of ${exchange}.${advice}`, {
    details: { exchange, symbol, market, elsewhere },
  })
}

function isIn(entry: unknown, market: string): boolean {
  const flag = Object.entries(FLAGS).find(([name]) => name === market)?.[1]
  return flag !== undefined && memberOf(entry, flag) === true
}
