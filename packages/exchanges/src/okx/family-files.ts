import type { UnreadFiles } from '@lake/core'

/** `BTC-USD-futureschain`, and what else is called a chain. */
const FAMILY = /^[^-]+-[^-]+-[a-z]*chain$/

/** `BTC-USD-240329`: a dated future has no file of its own. */
const DATED = /^[^-]+-[^-]+-\d{6}$/

/** Files of OKX that hold the rows of many instruments. */
export const okxFamilyFiles: readonly UnreadFiles[] = [
  {
    dataTypes: ['klines', 'trades', 'aggTrades'],
    markets: ['um', 'cm', 'option'],
    which: 'of a whole family, as `BTC-USD-futureschain`',
    holds: ({ symbol }) => FAMILY.test(symbol),
    stands: ({ symbol }) => DATED.test(symbol),
    why: 'The archive keeps all dated instruments of a family in one file, and the lake a table for each; rows of older files do not say which instrument they are of.',
    instead:
      'lake sync brings the files into bronze as they are; trades of one instrument, of the last 90 days, come over REST with lake update.',
  },
  {
    dataTypes: ['fundingRate'],
    markets: ['um'],
    which: 'of all perpetuals, `allswap`',
    holds: ({ symbol }) => symbol === 'allswap',
    why: 'It holds the funding of all perpetuals, and the lake has a table for each.',
    instead:
      'Monthly files of one perpetual are read, as okx/um/fundingRate/BTC-USDT-SWAP, and the last 90 days come over REST with lake update.',
  },
]
