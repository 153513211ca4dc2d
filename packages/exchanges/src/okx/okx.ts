import { type ArchiveName, type ArchiveRules, type DatasetId, defineExchange, type ExchangeAdapter } from '@lake/core'
import { type BucketLayout, layoutRules } from '../bucket/layout-rules.ts'
import { okxFirstPages, readOkxPage } from './index-pages.ts'
import { okxFamilyFiles } from './family-files.ts'
import { okxFormats } from './formats.ts'
import { okxLive } from './live.ts'
import { okxMarket } from './okx-market.ts'
import { okxRest } from './rest.ts'
import { okxExpiry, okxSharedFiles } from './shared-files.ts'

/** Days of this archive are cut at UTC+8: they begin eight hours before the UTC day of the same name. */
const DAY_SHIFT = -28_800_000_000

const MARKETS = ['spot', 'um', 'cm', 'option'] as const

/** Each folder of the archive, its word in the file's name, and what the lake calls that. */
const FOLDERS: readonly (Omit<BucketLayout, 'path'> & { readonly folder: string; readonly word: string })[] = [
  { folder: 'trades', word: 'trades', dataType: 'trades' },
  { folder: 'aggtrades', word: 'aggtrades', dataType: 'aggTrades' },
  { folder: 'candlesticks', word: 'candlesticks', dataType: 'klines', interval: '1m' },
  { folder: 'swaprates', word: 'fundingrates', dataType: 'fundingRate' },
]

const layouts = FOLDERS.flatMap(({ folder, word, ...form }) =>
  MARKETS.flatMap((market): BucketLayout[] => {
    const accepts = ({ symbol }: DatasetId): boolean => okxMarket(symbol) === market
    return [
      { ...form, market, accepts, path: `${folder}/daily/{yyyymmdd}/{symbol}-${word}-{day}.zip` },
      { ...form, market, accepts, path: `${folder}/monthly/{yyyymm}/{symbol}-${word}-{month}.zip` },
    ]
  }),
)

const { parseKey, ...rules } = layoutRules('okx', layouts)

const okxArchive: ArchiveRules = {
  url: 'https://static.okx.com/cdn/okex/traderecords',
  listingUrl: 'https://www.okx.com',
  listing: { kind: 'index-api', firstPages: okxFirstPages, readPage: readOkxPage },
  dayShift: DAY_SHIFT,
  ...rules,
  sharedBy: okxSharedFiles,
  parseKey(key: string): ArchiveName | undefined {
    const name = parseKey(key)
    if (name === undefined) return undefined
    const { dataset, period } = name
    return { dataset, period: { ...period, from: period.from + DAY_SHIFT, to: period.to + DAY_SHIFT } }
  },
}

/**
 * OKX: static.okx.com, whose files an API of www.okx.com names; a search needs a range. No checksums.
 *
 * Dated futures and options lie in one file a family, `BTC-USD-futureschain`, days of funding in one of all perpetuals,
 * `allswap`, coin-margined ones included: rows of one instrument are read out of these. Days and months start at 16:00Z of
 * the day before.
 */
export const okx: ExchangeAdapter = defineExchange({
  id: 'okx',
  contract: 1,
  archive: okxArchive,
  formats: okxFormats,
  unread: okxFamilyFiles,
  rest: okxRest,
  live: okxLive,
  expiresAt: okxExpiry,
})
