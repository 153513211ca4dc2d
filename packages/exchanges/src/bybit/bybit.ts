import {
  type ArchiveName,
  type DatasetId,
  defineExchange,
  type ExchangeAdapter,
  isBarType,
  type Market,
} from '@lake/core'
import { type BucketLayout, layoutRules } from '../bucket/layout-rules.ts'
import { readIndexPage } from '../bucket/read-index-page.ts'
import { bybitFormats } from './formats.ts'
import { bybitLive } from './live.ts'
import { METATRADER_OFFSET } from './metatrader-offset.ts'
import { bybitRest } from './rest.ts'

/** The bars of MetaTrader 4 are named by their minutes. */
const MINUTES = {
  '1s': '',
  '1m': '1',
  '3m': '3',
  '5m': '5',
  '15m': '15',
  '30m': '30',
  '1h': '60',
  '2h': '120',
  '4h': '240',
  '6h': '360',
  '8h': '',
  '12h': '720',
  '1d': '',
  '3d': '',
  '1w': '',
  '1mo': '',
}

/** Inverse contracts: perpetual `BTCUSD`, or dated `BTCUSDH25`. All others are margined in USDT or USDC. */
function isInverse({ symbol }: DatasetId): boolean {
  return /USD([HMUZ]\d\d)?$/.test(symbol)
}

function contracts(market: Market): BucketLayout[] {
  const accepts = (dataset: DatasetId): boolean => isInverse(dataset) === (market === 'cm')
  return [
    { path: 'trading/{symbol}/{symbol}{day}.csv.gz', market, dataType: 'trades', accepts },
    {
      path: 'kline_for_metatrader4/{symbol}/{yyyy}/{symbol}_{interval}_{month}-01_{month}-{lastDay}.csv.gz',
      market,
      dataType: 'klines',
      accepts,
    },
  ]
}

const { parseKey, ...rules } = layoutRules(
  'bybit',
  [
    ...contracts('um'),
    ...contracts('cm'),
    { path: 'spot/{symbol}/{symbol}_{day}.csv.gz', market: 'spot', dataType: 'trades' },
    { path: 'spot/{symbol}/{symbol}-{month}.csv.gz', market: 'spot', dataType: 'trades' },
  ],
  { intervals: MINUTES },
)

/** The months of the bars begin when MetaTrader's clock says so. */
function nameOf(key: string): ArchiveName | undefined {
  const name = parseKey(key)
  if (name === undefined || !isBarType(name.dataset.dataType)) return name
  const { dataset, period } = name
  return { dataset, period: { ...period, from: period.from - METATRADER_OFFSET, to: period.to - METATRADER_OFFSET } }
}

/**
 * Bybit: public.bybit.com, a web server with an HTML page for each folder, without checksums.
 *
 * Names come in several styles, so what exists is read from the pages and never guessed. Its two folders of index
 * prices ended in March 2020; they hold no bars, and are passed over.
 */
export const bybit: ExchangeAdapter = defineExchange({
  id: 'bybit',
  contract: 1,
  archive: {
    url: 'https://public.bybit.com',
    listing: { kind: 'html-index', readPage: readIndexPage },
    ...rules,
    parseKey: nameOf,
  },
  formats: bybitFormats,
  unread: [
    {
      dataTypes: ['klines'],
      markets: ['cm'],
      which: 'for MetaTrader 4, of inverse contracts',
      why: 'What their volume counts, dollars or coins, is not published.',
      instead:
        'Take the trades of the contract, as bybit/cm/trades/BTCUSD, since gold has bars of them; or its bars over REST with lake update.',
    },
  ],
  rest: bybitRest,
  live: bybitLive,
  // Inverse contracts are of one dollar each: a recorded hour of BTCUSD has 268611 of them for 15.74 coins at 17060.
  contractSize: ({ exchange, market }) => (exchange === 'bybit' && market === 'cm' ? 1 : undefined),
})
