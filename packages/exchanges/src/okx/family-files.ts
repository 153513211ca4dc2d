import type { UnreadFiles } from '@lake/core'
import { okxBucket } from './okx-market.ts'
import { okxExpiry } from './shared-files.ts'

/** `BTC-USD-futureschain`, and what else is called a chain. */
const FAMILY = /^[^-]+-[^-]+-[a-z]*chain$/

const NAME_AN_INSTRUMENT =
  'Name an instrument of it, as okx/cm/trades/BTC-USD-240329, okx/option/trades/BTC-USD-240329-70000-C or okx/um/fundingRate/BTC-USDT-SWAP.'

/** Files of OKX that no table is made of. */
export const okxFamilyFiles: readonly UnreadFiles[] = [
  {
    dataTypes: ['klines', 'trades', 'fundingRate'],
    markets: ['spot', 'um', 'cm', 'option'],
    which: 'as a whole: a family, `BTC-USD-futureschain`, or all of a kind, `allswap`',
    holds: ({ symbol }) => FAMILY.test(symbol) || okxBucket(symbol) !== undefined,
    why: 'It holds the rows of many instruments, and the lake has a table for each.',
    instead: NAME_AN_INSTRUMENT,
  },
  {
    dataTypes: ['aggTrades'],
    markets: ['spot', 'um', 'cm', 'option'],
    which: 'of a whole family, as `BTC-USD-futureschain`',
    holds: ({ symbol }) => FAMILY.test(symbol) || okxBucket(symbol) !== undefined,
    stands: (dataset) => okxExpiry(dataset) !== undefined,
    why: 'The archive keeps all dated instruments of a family in one file, whose rows do not say which instrument they are of.',
    instead: 'Take the trades of one instrument, as okx/cm/trades/BTC-USD-240329.',
  },
  {
    dataTypes: ['klines'],
    markets: ['option'],
    which: 'of options',
    why: 'What their three volumes count is not known.',
    instead: 'Take the trades of one option, as okx/option/trades/BTC-USD-240329-70000-C.',
  },
]
