import { type DatasetId, defineExchange, type ExchangeAdapter, type Market } from '@lake/core'
import { type BucketLayout, layoutRules } from '../bucket/layout-rules.ts'
import { kucoinFormats } from './formats.ts'

/** Futures are margined in a stable coin (`BTCUSDTM`, `ETHUSDCM`) or in the coin itself (`BTCUSDM`, `XBTMU26`). */
function isLinear({ symbol }: DatasetId): boolean {
  return /USD[TC]M$/.test(symbol)
}

function futures(market: Market): BucketLayout[] {
  const accepts = (dataset: DatasetId): boolean => isLinear(dataset) === (market === 'um')
  return [
    { path: 'data/futures/daily/{dataType}/{symbol}/{interval}/{symbol}-{interval}-{day}.zip', market, accepts },
    { path: 'data/futures/daily/{dataType}/{symbol}/{symbol}-{dataType}-{day}.zip', market, accepts },
  ]
}

/**
 * KuCoin: the bucket behind historical-data.kucoin.com. Daily files only; a CHECKSUM here is an MD5.
 *
 * Spot symbols stand in it without a dash (`BTCUSDT`), futures with their final M (`BTCUSDTM`), both as it writes them.
 * Books of 50 levels are in the bucket as well, but the lake has no table for them.
 */
export const kucoin: ExchangeAdapter = defineExchange({
  id: 'kucoin',
  contract: 1,
  archive: {
    url: 'https://historical-data.kucoin.com',
    listing: { kind: 's3' },
    checksumSuffix: '.CHECKSUM',
    checksumAlgorithm: 'md5',
    ...layoutRules(
      'kucoin',
      [
        { path: 'data/spot/daily/{dataType}/{symbol}/{interval}/{symbol}-{interval}-{day}.zip', market: 'spot' },
        { path: 'data/spot/daily/{dataType}/{symbol}/{symbol}-{dataType}-{day}.zip', market: 'spot' },
        ...futures('um'),
        ...futures('cm'),
      ],
      {
        dataTypes: {
          markPriceKlines: 'mark',
          indexPriceKlines: 'index',
          fundingRate: 'fundingRates',
          premiumIndexKlines: '',
          aggTrades: '',
          liquidations: '',
          bookTicker: '',
          bookDepth: '',
          metrics: '',
          bvolIndex: '',
          eohSummary: '',
        },
      },
    ),
  },
  formats: kucoinFormats,
})
