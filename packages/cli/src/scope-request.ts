import { LakeError } from '@lake/core'
import { type CollectionRequest, parseCollectionRequest } from '@lake/ingest-s5cmd'
import type { ScopeOptions } from './scope-options.ts'

/**
 * The request that the options make.
 *
 * @throws {@link LakeError} `BAD_REQUEST` naming every wrong field and what would be right.
 */
export function scopeRequest(options: ScopeOptions): CollectionRequest {
  const { exchange, market, type, symbol, quote, interval, delisted, from, to } = options
  if (symbol !== undefined && quote !== undefined) {
    throw new LakeError('BAD_REQUEST', 'Give --symbol or --quote, not both.', { details: { field: 'symbols' } })
  }
  if ((from === undefined) !== (to === undefined)) {
    const missing = from === undefined ? '--from' : '--to'
    throw new LakeError('BAD_REQUEST', `A range needs both ends: ${missing} is missing.`, {
      details: { option: missing },
    })
  }
  return parseCollectionRequest({
    exchange,
    markets: market,
    dataTypes: type,
    symbols: quote === undefined ? symbol : { quote },
    intervals: interval,
    delisted,
    ...(from === undefined ? {} : { range: { from, to } }),
  })
}
