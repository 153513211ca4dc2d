/** A file of an archive: a dataset, the period of its name, and its lines, as publicly quoted rows of such files are. */
export interface ArchiveRows {
  /** Its key, where that is not said by dataset and period: a file of all of the dataset. */
  readonly history?: string
  readonly dataset: string
  readonly period: string
  readonly lines: readonly string[]
  /** How many of the lines are rows of silver; all but a header when absent. */
  readonly rows?: number
}

const KLINES =
  'open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore'
const AGG_TRADES = 'agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker'
const TRADES = 'id,price,qty,quote_qty,time,is_buyer_maker'
const LIQUIDATIONS =
  'time,side,order_type,time_in_force,original_quantity,price,average_price,order_status,last_fill_quantity,accumulated_fill_quantity'
const BOOK_TICKER = 'update_id,best_bid_price,best_bid_qty,best_ask_price,best_ask_qty,transaction_time,event_time'
const BOOK_DEPTH = 'timestamp,percentage,depth,notional'
const METRICS =
  'create_time,symbol,sum_open_interest,sum_open_interest_value,count_toptrader_long_short_ratio,sum_toptrader_long_short_ratio,count_long_short_ratio,sum_taker_long_short_vol_ratio'
const FUNDING = 'calc_time,funding_interval_hours,last_funding_rate'
const EOH =
  'date,hour,symbol,underlying,type,strike,open,high,low,close,volume_contracts,volume_usdt,best_bid_price,best_ask_price,best_bid_qty,best_ask_qty,best_buy_iv,best_sell_iv,mark_price,mark_iv,delta,gamma,vega,theta,openinterest_contracts,openinterest_usdt'
const BYBIT = 'timestamp,symbol,side,size,price,tickDirection,trdMatchID,grossValue,homeNotional,foreignNotional'
const OPTION_AGGREGATES = 'option/aggTrades/BTC-USD-231124-36000-C'
const OKX_TRADES = 'instrument_name,trade_id,side,price,size,created_time,source'
const OKX_KLINES = 'instrument_name,open,high,low,close,vol,vol_ccy,vol_quote,open_time,confirm'
const OKX_FUNDING = 'instrument_name,funding_rate,funding_time'
const KUCOIN_TRADES = 'trade_id,trade_time,price,size,side'

const MINUTE = '65014.60,65031.80,64996.80,65011.50,327.207,1784073659999,21273110.50730,5998,222.863,14489221.32700,0'
const LIQUIDATION = '1709598391022,SELL,LIMIT,IOC,1,67934.2,68203.4,FILLED,1,1'

/** Files of every format that an adapter describes, in every market that has it, of several eras. */
export const ARCHIVE_ROWS: readonly ArchiveRows[] = [
  // Binance: headers that came and went, milliseconds and microseconds, both spellings of booleans.
  { dataset: 'binance/um/klines/BTCUSDT/1m', period: '2026-07-15', lines: [KLINES, `1784073600000,${MINUTE}`] },
  {
    dataset: 'binance/um/klines/BTCUSDT/1m',
    period: '2022-06-15',
    lines: ['1655251200000,22122.70,22130,22120,22125.10,5.1,1655251259999,112824.1,60,2.1,46458.2,0'],
  },
  {
    dataset: 'binance/spot/klines/BNBUSDT/1s',
    period: '2025-01-01',
    lines: [
      '1735689600000000,0.31600000,0.31600000,0.31600000,0.31600000,27.00000000,1735689600999999,8.53200000,1,0.00000000,0.00000000,0',
    ],
  },
  {
    dataset: 'binance/cm/klines/BTCUSD_PERP/1h',
    period: '2026-07',
    lines: [KLINES, '1782864000000,65014.6,65031.8,64996.8,65011.5,32720,1782867599999,50.3,5998,22286,34.3,0'],
  },
  ...(['um', 'cm'] as const).flatMap((market): ArchiveRows[] => {
    const symbol = market === 'um' ? 'BTCUSDT' : 'BTCUSD_PERP'
    return [
      {
        dataset: `binance/${market}/markPriceKlines/${symbol}/1m`,
        period: '2022-06-15',
        lines: ['1655251200000,22122.70,22130.00,22120.00,22125.10,0,1655251259999,0,60,0,0,0'],
      },
      {
        dataset: `binance/${market}/indexPriceKlines/${market === 'um' ? symbol : 'BTCUSD'}/1h`,
        period: '2025-07-31',
        lines: [KLINES, '1753920000000,0.05850465,0.05864322,0.05814527,0.05849142,0,1753923599999,0,3600,0,0,0'],
      },
      {
        dataset: `binance/${market}/premiumIndexKlines/${symbol}/15m`,
        period: '2025-07-31',
        lines: [KLINES, '1753920000000,0.00449955,0.00449955,-0.00076832,-0.00076832,0,1753920899999,0,180,0,0,0'],
      },
      {
        dataset: `binance/${market}/aggTrades/${symbol}`,
        period: '2026-07-15',
        lines: [AGG_TRADES, '3383271130,65014.6,0.03,7900100566,7900100566,1784073600069,true'],
      },
      {
        dataset: `binance/${market}/trades/${symbol}`,
        period: '2025-07-31',
        lines: [
          market === 'um' ? TRADES : TRADES.replace('quote_qty', 'base_qty'),
          '66119037,1.4327,11.6,16.61932,1753920002864,true',
        ],
      },
      {
        dataset: `binance/${market}/fundingRate/${symbol}`,
        period: '2026-06',
        lines: [FUNDING, '1780272000001,8,0.00005703', '1780300800000,8,-0.00001'],
      },
      {
        dataset: `binance/${market}/liquidations/${symbol}`,
        period: '2024-03-05',
        lines: [LIQUIDATIONS, LIQUIDATION, LIQUIDATION],
        rows: 1,
      },
      {
        dataset: `binance/${market}/bookTicker/${symbol}`,
        period: '2023-06-15',
        lines: [BOOK_TICKER, '2948552298577,25115.9,13.097,25116,1.23,1686787200009,1686787200015'],
      },
      {
        dataset: `binance/${market}/bookDepth/${symbol}`,
        period: '2023-01-01',
        lines: [BOOK_DEPTH, '2023-01-01 00:06:05,-5,16770.30000000,271987123.35882000'],
      },
      {
        dataset: `binance/${market}/bookDepth/${symbol}`,
        period: '2026-09-12',
        lines: [BOOK_DEPTH, '2026-09-12 00:00:04,-5.00,8993.2,681319717.8216', '2026-09-12 00:00:04,0.20,1.5,100'],
      },
      {
        dataset: `binance/${market}/metrics/${symbol}`,
        period: '2026-07-15',
        lines: [
          METRICS,
          `2026-07-15 00:05:01,${symbol},105550.9850000000000000,6858675634.7062540000000000,1.28623339,,1.19972635,`,
          `2026-07-15 00:00:00,${symbol},105550.9850000000000000,6858675634.7062540000000000,1.28,1.4,1.19,1.5`,
        ],
      },
    ]
  }),
  {
    dataset: 'binance/spot/aggTrades/BTCUSDT',
    period: '2026-10',
    lines: ['3383271130,84753.57,2.0,6734009177,6734009177,1791072000259957,False,True'],
  },
  {
    dataset: 'binance/spot/trades/BTCUSDT',
    period: '2026-09-01',
    lines: ['6642078844,78581.30000000,0.00012000,9.42975600,1788220800322740,False,True'],
  },
  {
    dataset: 'binance/option/bvolIndex/BTCBVOLUSDT',
    period: '2023-10-23',
    lines: ['calc_time,symbol,base_asset,quote_asset,index_value', '1698019200000,BTCBVOLUSDT,BTCBVOL,USDT,48.3971'],
  },
  {
    dataset: 'binance/option/eohSummary/BTCUSDT',
    period: '2023-10-23',
    lines: [
      EOH,
      '2023-10-23,7,BTC-231027-33000-C,BTCUSDT,C,231027-33000,,,,,0,0,60,65,5.5,15,-1,0.52,,0.49,-0.21,0.0001,9.2,-44.1,1.5,',
    ],
  },
  // Bybit: seconds with decimals, three styles of names.
  ...(['um', 'cm'] as const).map((market): ArchiveRows => {
    const symbol = market === 'um' ? 'BTCUSDT' : 'BTCUSD'
    return {
      dataset: `bybit/${market}/trades/${symbol}`,
      period: '2026-09-01',
      lines: [
        `${BYBIT},RPI`,
        `1788220800.1169,${symbol},Sell,0.001,78541.70,MinusTick,555a5c11-8b1d-5c5f-81b1-7f0bfc2ef2f3,7.854169999999999e+09,0.001,78.54169999999999,0`,
      ],
    }
  }),
  {
    dataset: 'bybit/um/trades/BTCUSDT',
    period: '2020-03-25',
    lines: [
      BYBIT,
      '1585180799.95,BTCUSDT,Sell,2,6698.5,MinusTick,01cccccc-0000-4000-8000-00000000ffff,0,0,0',
      '1585180799.9,BTCUSDT,Buy,1,6698.5,PlusTick,cccccccc-0000-4000-8000-00000000ffff,0,0,0',
      '1585180700,BTCUSDT,Buy,1,6698.5,PlusTick,0ccccccc-0000-4000-8000-00000000ffff,0,0,0',
    ],
  },
  {
    dataset: 'bybit/spot/trades/BTCUSDT',
    period: '2025-05-18',
    lines: ['id,timestamp,price,volume,side,rpi', '1,1747526400074,106453.8,0.003718,sell,0'],
  },
  {
    dataset: 'bybit/spot/trades/BTCUSDT',
    period: '2022-12',
    lines: ['id,timestamp,price,volume,side', '1,1669852800074,17153.8,0.003718,buy'],
  },
  {
    dataset: 'bybit/um/klines/BTCUSDT/1m',
    period: '2023-01',
    lines: [
      '2023.01.01 00:00,16581.0,16584.0,16580.5,16584.0,114.627',
      '2023.01.01 03:00,16584.0,16584.0,16580.5,16581.0,114.627',
    ],
  },
  // OKX: days of UTC+8, names with a translation in another encoding.
  {
    dataset: 'okx/option/trades/BTC-USD-260901-74000-P',
    period: '2026-09-01',
    lines: [OKX_TRADES, 'BTC-USD-260901-74000-P,485,buy,0.0001,15.0,1788208540365,0'],
  },
  {
    dataset: 'okx/um/trades/BTC-USDT-SWAP',
    period: '2026-09-01',
    lines: [OKX_TRADES, 'BTC-USDT-SWAP,485,buy,78541.7,15.0,1788208540365,0'],
  },
  {
    dataset: 'okx/cm/trades/BTC-USD-SWAP',
    period: '2026-09-01',
    lines: [OKX_TRADES, 'BTC-USD-SWAP,485,sell,78541.7,15,1788208540365,0'],
  },
  {
    dataset: 'okx/spot/trades/BTC-USDT',
    period: '2023-11-18',
    lines: [
      'trade_id/\u00b4\u00da\u00c2,side/\u00bd\u00bb,size/\u00ca\u00fd,price/\u00bc\u00db,created_time/\u00ca\u00b1',
      '450372093,buy,0.00418025,35910.6,1700239042832',
    ],
  },
  // A real file's first rows, in the order of their prices, under the other encoding's names.
  ...['spot/aggTrades/BTC-USDT', 'um/aggTrades/BTC-USDT-SWAP', 'cm/aggTrades/BTC-USD-SWAP', OPTION_AGGREGATES].map(
    (series): ArchiveRows => ({
      dataset: `okx/${series}`,
      period: '2023-11-18',
      lines: [
        'trade_id/\u00b4\u00da\u00c2,side/\u00bd\u00bb,size/\u00ca\u00fd,price/\u00bc\u00db,created_time/\u00ca\u00b1',
        '450372093,buy,0.00418025,35910.6,1700239042832',
        '450372094,buy,0.0104,35911.9,1700239043163',
        '450372860,buy,0.17316796,35911.9,1700239133047',
        '450372095,buy,0.2227,35912.3,1700239043283',
      ],
    }),
  ),
  ...['okx/spot/klines/ETH-USDT', 'okx/um/klines/ETH-USDT-SWAP', 'okx/cm/klines/ETH-USD-SWAP'].map(
    (series): ArchiveRows => ({
      dataset: `${series}/1m`,
      period: '2025-10-23',
      lines: [
        OKX_KLINES,
        `${series.slice(series.lastIndexOf('/') + 1)},3839.44,3843.58,3836.71,3838.16,23503.2,2350.32,9024127.30277,1761148800000,1`,
      ],
    }),
  ),
  {
    // The first of November begins at 16:00Z on the last of October.
    dataset: 'okx/spot/klines/ETH-USDT/1m',
    period: '2025-11-01',
    lines: [
      OKX_KLINES,
      'ETH-USDT,3839.44,3843.58,3836.71,3838.16,23503.2,2350.32,9024127.30277,1761926400000,1',
      'ETH-USDT,3838.16,3843.58,3836.71,3840,23503.2,2350.32,9024127.30277,1761955200000,1',
    ],
  },
  ...['okx/um/fundingRate/BTC-USDT-SWAP', 'okx/cm/fundingRate/BTC-USD-SWAP'].map((dataset): ArchiveRows => ({
    dataset,
    period: '2024-07',
    lines: [OKX_FUNDING, `${dataset.slice(dataset.lastIndexOf('/') + 1)},-0.0001,1719792000000`],
  })),
  // Gate: no headers, seconds with six decimals, the sign of a size is the side.
  {
    dataset: 'gate/spot/trades/BTC_USDT',
    period: '2026-08',
    lines: ['1785542402.330460,214219192,62892.7,0.000159,1', '1785542402.330461,214219193,62892.7,0.000159,2'],
  },
  ...['gate/um/trades/BTC_USDT', 'gate/cm/trades/BTC_USD'].map((dataset): ArchiveRows => ({
    dataset,
    period: '2026-01',
    lines: ['1767225601.477201,643050119,87617.7,-7601', '1767225602,643050120,87617.7,5'],
  })),
  {
    dataset: 'gate/spot/klines/BTC_USDT/1m',
    period: '2026-01-01',
    lines: ['1767225600,10.5,87617.9,87621.6,87598.1,87617.7'],
  },
  {
    dataset: 'gate/spot/klines/BTC_USDT/1h',
    period: '2026-01',
    lines: ['1767225600,151.03,87617.9,87621.6,87598.1,87617.7'],
  },
  ...['gate/um/klines/BTC_USDT/1m', 'gate/cm/klines/BTC_USD/1m'].map((dataset): ArchiveRows => ({
    dataset,
    period: '2026-01',
    lines: ['1767225600,151037,87617.9,87621.6,87598.1,87617.7'],
  })),
  ...['gate/um/fundingRate/BTC_USDT', 'gate/cm/fundingRate/BTC_USD'].map((dataset): ArchiveRows => ({
    dataset,
    period: '2026-01',
    lines: ['1767225600,0.0001'],
  })),
  // Kraken: all of a dataset in one file.
  {
    dataset: 'kraken/spot/klines/XBTUSD/1h',
    period: '2016-12',
    history: 'Kraken_OHLCVT/XBTUSD_60.csv',
    lines: [
      '1483225200,968.296,968.9,967,967.1,44.47,93',
      '1483228800,967.1,970,965.001,966.2,1E+1,60',
      '1483236000,966.2,967,966,966.5,0.5,2',
    ],
  },
  // KuCoin: two ranges of ids, two orders of columns.
  {
    dataset: 'kucoin/spot/klines/ETHUSDT/1m',
    period: '2025-01-01',
    lines: ['time,open,close,high,low,volume,turnover', '1735689600,93576,93610,93620,93500,1.5,140391.25'],
  },
  {
    dataset: 'kucoin/spot/trades/ETHUSDT',
    period: '2024-05-13',
    lines: [KUCOIN_TRADES, '8833558834331649,1715558400475,61484.1,0.0000325,BUY'],
  },
  ...['um/klines/BTCUSDTM', 'cm/klines/XBTUSDM'].map((series): ArchiveRows => ({
    dataset: `kucoin/${series}/1m`,
    period: '2025-01-01',
    lines: ['time,open,high,low,close,volume', '1735689600000,93576,93620,93500,93610,151'],
  })),
  ...[
    'um/markPriceKlines/BTCUSDTM',
    'cm/markPriceKlines/XBTUSDM',
    'um/indexPriceKlines/BTCUSDTM',
    'cm/indexPriceKlines/XBTUSDM',
  ].map((series): ArchiveRows => ({
    dataset: `kucoin/${series}/1h`,
    period: '2025-01-01',
    lines: ['time,open,high,low,close', '1735689600000,93576,93620,93500,93610'],
  })),
  ...['um/trades/BTCUSDTM', 'cm/trades/XBTUSDM'].map((series): ArchiveRows => ({
    dataset: `kucoin/${series}`,
    period: '2024-05-14',
    lines: ['1749781187484,1715644801095,62932.6,6,sell'],
  })),
  ...['um/fundingRate/BTCUSDTM', 'cm/fundingRate/XBTUSDM'].map((series): ArchiveRows => ({
    dataset: `kucoin/${series}`,
    period: '2025-01-01',
    lines: ['symbol,time,fundingRate', 'XBTUSDTM,1735689600000,0.0001'],
  })),
]
