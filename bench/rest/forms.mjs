// The forms that pages have, each as one venue sends it: which dataset, how many rows a page has, how ccxt is asked for a
// page by itself, and where the next one begins.
const start = Date.UTC(2020, 0, 1)
const MINUTE = 60_000

/** Forty pages of any of these lie in one month, which is what is walked over at once. */
export const PAGES = 40

export const FORMS = {
  'list of lists': {
    ...{ dataset: 'binance/um/klines/S0USDT/1m', pageRows: 1000, step: MINUTE, method: 'fapiPublicGetKlines' },
    ask: (page) => ({ symbol: 'S0USDT', interval: '1m', startTime: start + page * 1000 * MINUTE, limit: 1000 }),
    rowsOf: (answer) => answer,
  },
  'list of objects': {
    ...{ dataset: 'binance/um/aggTrades/S0USDT', pageRows: 1000, step: 1000, method: 'fapiPublicGetAggTrades' },
    ask: (page) => ({ symbol: 'S0USDT', fromId: page * 1000, limit: 1000 }),
    rowsOf: (answer) => answer,
  },
  'lists in an object, 1000': {
    ...{ dataset: 'bybit/um/klines/S0USDT/1m', pageRows: 1000, step: MINUTE, method: 'publicGetV5MarketKline' },
    ask: (page) => ({
      ...{ category: 'linear', symbol: 'S0USDT', interval: '1', limit: 1000 },
      end: start + (PAGES - page) * 1000 * MINUTE - 1,
    }),
    rowsOf: (answer) => answer.result.list,
  },
  'lists in an object, 300': {
    ...{ dataset: 'okx/um/klines/S0-USDT-SWAP/1m', pageRows: 300, step: MINUTE },
    method: 'publicGetMarketHistoryCandles',
    ask: (page) => ({ instId: 'S0-USDT-SWAP', bar: '1m', after: start + (PAGES - page) * 300 * MINUTE, limit: 300 }),
    rowsOf: (answer) => answer.data,
  },
  'objects in an object, 100': {
    ...{ dataset: 'okx/spot/trades/S0-USDT', pageRows: 100, step: 1000, method: 'publicGetMarketHistoryTrades' },
    ask: (page) => ({ instId: 'S0-USDT', type: 2, after: start + (PAGES - page) * 100 * 1000, limit: 100 }),
    rowsOf: (answer) => answer.data,
  },
}
