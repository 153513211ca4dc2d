import { type DatasetId, defineExchange, type ExchangeAdapter, type Interval, type Market } from '@lake/core'
import { type BucketLayout, layoutRules } from '../bucket/layout-rules.ts'
import { gateFormats } from './formats.ts'

const FUTURES: readonly (readonly [Market, string])[] = [
  ['um', 'futures_usdt'],
  ['cm', 'futures_btc'],
]

/** Spot bars finer than an hour come in daily files. */
const FINE: ReadonlySet<Interval | undefined> = new Set(['1s', '1m', '3m', '5m', '15m', '30m'] as const)

function isFine({ interval }: DatasetId): boolean {
  return FINE.has(interval)
}

function futures(market: Market, folder: string): BucketLayout[] {
  return [
    monthly(market, `${folder}/trades`, 'trades'),
    monthly(market, `${folder}/funding_applies`, 'fundingRate'),
    monthly(market, `${folder}/candlesticks_{interval}`, 'klines'),
  ]
}

function monthly(market: Market, folder: string, dataType: DatasetId['dataType']): BucketLayout {
  return { path: `${folder}/{yyyymm}/{symbol}-{yyyymm}.csv.gz`, market, dataType }
}

/**
 * Gate: download.gatedata.org, which lists nothing and publishes no checksums: files are asked for by name, so a search
 * needs symbols and a range. A month appears after it has closed.
 */
export const gate: ExchangeAdapter = defineExchange({
  id: 'gate',
  contract: 1,
  archive: {
    url: 'https://download.gatedata.org',
    listing: { kind: 'probe' },
    ...layoutRules(
      'gate',
      [
        monthly('spot', 'spot/deals', 'trades'),
        {
          path: 'spot/candlesticks_{interval}/{yyyymm}/{symbol}-{yyyymmdd}.csv.gz',
          market: 'spot',
          dataType: 'klines',
          accepts: isFine,
        },
        {
          ...monthly('spot', 'spot/candlesticks_{interval}', 'klines'),
          accepts: (dataset) => !isFine(dataset),
        },
        ...FUTURES.flatMap(([market, folder]) => futures(market, folder)),
      ],
      // Its weeks and months of 7 and 30 days are no calendar weeks and months.
      { intervals: { '1s': '', '3m': '', '2h': '', '6h': '', '12h': '', '3d': '', '1w': '', '1mo': '' } },
    ),
  },
  formats: gateFormats,
  omitsEmptyBars: true,
})
