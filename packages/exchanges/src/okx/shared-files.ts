import type { DatasetId, SharedFiles } from '@lake/core'
import { okxBucket, okxMarket } from './okx-market.ts'

/** `BTC-USD-240329` and `BTC-USD-240329-70000-C`: the family, the day on which it ends, and what options have more. */
const DATED = /^([^-]+-[^-]+)-(\d\d)(\d\d)(\d\d)(-[^-]+-[CP])?$/

/** Futures and options end at this hour, UTC, of the day in their names. */
const EXPIRY_HOUR = 8

/** When a future or an option ends, by its name; undefined for all others. */
export function okxExpiry({ symbol }: DatasetId): number | undefined {
  const [, , year, month, day] = DATED.exec(symbol) ?? []
  if (year === undefined) return undefined
  const date = new Date(Date.UTC(2000 + Number(year), Number(month) - 1, Number(day), EXPIRY_HOUR))
  // 240231 is no day.
  return date.getUTCDate() === Number(day) && date.getUTCMonth() === Number(month) - 1
    ? date.getTime() * 1000
    : undefined
}

/**
 * The files in which the rows of an instrument lie with those of others: that of its family, then that of its kind.
 * Aggregated trades do not say which instrument they are of, and funding lies in the file of all perpetuals.
 */
export function okxSharedFiles(dataset: DatasetId): readonly SharedFiles[] {
  const { dataType, symbol } = dataset
  if (dataType === 'aggTrades' || okxBucket(symbol) !== undefined) return []
  const [, family, , , , option] = DATED.exec(symbol) ?? []
  if (dataType === 'fundingRate') return symbol.endsWith('-SWAP') ? [named(dataset, 'allswap')] : []
  if (family !== undefined) {
    const [chain, all] = option === undefined ? ['futureschain', 'allfutures'] : ['optionchain', 'alloption']
    return [named(dataset, `${family}-${chain}`, `${family}-`), named(dataset, all)]
  }
  if (symbol.endsWith('-SWAP')) return [named(dataset, 'allswap')]
  return okxMarket(symbol) === 'spot' ? [named(dataset, 'allspot')] : []
}

function named(dataset: DatasetId, symbol: string, namesBegin = ''): SharedFiles {
  return { dataset: { ...dataset, market: okxMarket(symbol), symbol }, namesBegin }
}
