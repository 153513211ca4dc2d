import type { DatasetId } from '@lake/core'

/** USD a contract, by base asset, as the venue's list of coin-margined instruments gave them on 2025-08-07. */
const USD_PER_CONTRACT: Readonly<Record<string, number>> = {
  AAVE: 10,
  ADA: 10,
  ATOM: 10,
  AVAX: 10,
  BCH: 10,
  BNB: 10,
  BTC: 100,
  DOGE: 10,
  DOT: 10,
  EGLD: 10,
  ETC: 10,
  ETH: 10,
  FIL: 10,
  GALA: 10,
  LINK: 10,
  LTC: 10,
  MANA: 10,
  NEAR: 10,
  SAND: 10,
  SOL: 10,
  THETA: 10,
  TRX: 10,
  UNI: 10,
  XLM: 10,
  XRP: 10,
}

/** USD a contract of a coin-margined dataset, perpetual or dated; `undefined` elsewhere and where it is not known. */
export function binanceContractSize(dataset: DatasetId): number | undefined {
  if (dataset.exchange !== 'binance' || dataset.market !== 'cm') return undefined
  const base = /^(.+)USD(?:_(?:PERP|\d{6}))?$/.exec(dataset.symbol)?.[1]
  return base !== undefined && Object.hasOwn(USD_PER_CONTRACT, base) ? USD_PER_CONTRACT[base] : undefined
}
