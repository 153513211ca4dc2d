import { readFileSync } from 'node:fs'
import { gunzipSync, gzipSync } from 'node:zlib'
import { type DataType, type DatasetId, parseDatasetId, parsePeriod, type Period, type TimeRange } from '@lake/core'
import { getExchange } from '@lake/exchanges'
import { describe, expect, test } from 'vitest'
import { parseArchiveFile, type ParseResult } from './index.ts'
import { makeZip } from './testing/make-zip.ts'
import { referenceRows } from './testing/reference.ts'
import { tableRows } from './testing/table-rows.ts'

/*
 * Rows as public repositories quote them from files that they had downloaded, one or two a type and era, with what they
 * must become. Prices and sizes are compared as decimals.
 */
interface RealRows {
  readonly era: string
  readonly dataset: string
  readonly period: string
  readonly text: string
  /** What the first row must be; other columns are compared with the reference only. */
  readonly first: Readonly<Record<string, bigint | boolean | string | null>>
}

const KLINES =
  'open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore'
const METRICS =
  'create_time,symbol,sum_open_interest,sum_open_interest_value,count_toptrader_long_short_ratio,sum_toptrader_long_short_ratio,count_long_short_ratio,sum_taker_long_short_vol_ratio'
const LIQUIDATIONS =
  'time,side,order_type,time_in_force,original_quantity,price,average_price,order_status,last_fill_quantity,accumulated_fill_quantity'
const EOH =
  'date,hour,symbol,underlying,type,strike,open,high,low,close,volume_contracts,volume_usdt,best_bid_price,best_ask_price,best_bid_qty,best_ask_qty,best_buy_iv,best_sell_iv,mark_price,mark_iv,delta,gamma,vega,theta,openinterest_contracts,openinterest_usdt'
const CANDLES = 'instrument_name,open,high,low,close,vol,vol_ccy,vol_quote,open_time,confirm'
const BYBIT = 'timestamp,symbol,side,size,price,tickDirection,trdMatchID,grossValue,homeNotional,foreignNotional'

const ROWS: readonly RealRows[] = [
  {
    era: 'um klines with a header',
    dataset: 'binance/um/klines/BTCUSDT/1m',
    period: '2026-07-15',
    text: `${KLINES}\n1784073600000,65014.60,65031.80,64996.80,65011.50,327.207,1784073659999,21273110.50730,5998,222.863,14489221.32700,0\n`,
    first: {
      ts_event: 1784073600000000n,
      ts_available: 1784073660000000n,
      quote_volume: '21273110.5073',
      trade_count: 5998n,
    },
  },
  {
    era: 'spot klines of seconds in microseconds, without header',
    dataset: 'binance/spot/klines/BTCUSDT/1s',
    period: '2025-01-01',
    text: '1735689600000000,0.31600000,0.31600000,0.31600000,0.31600000,27.00000000,1735689600999999,8.53200000,1,0.00000000,0.00000000,0\n',
    first: {
      ts_event: 1735689600000000n,
      close_time: 1735689600999999n,
      ts_available: 1735689601000000n,
      open: '0.316',
    },
  },
  {
    era: 'um index bars, whose count is no count of trades',
    dataset: 'binance/um/indexPriceKlines/BTCUSDT/1h',
    period: '2025-07-31',
    text: `${KLINES}\n1753920000000,0.05850465,0.05864322,0.05814527,0.05849142,0,1753923599999,0,3600,0,0,0\n`,
    first: { open: '0.05850465', volume: null, trade_count: null, ts_available: 1753923600000000n },
  },
  {
    era: 'premium bars, which may be zero or negative',
    dataset: 'binance/um/premiumIndexKlines/BTCUSDT/15m',
    period: '2025-07-31',
    text: `${KLINES}\n1753920000000,0.00449955,0.00449955,0,-0.00076832,0,1753920899999,0,180,0,0,0\n`,
    first: { open: '0.00449955', low: '0', close: '-0.00076832', volume: null },
  },
  {
    era: 'premium bars next to zero',
    dataset: 'binance/um/premiumIndexKlines/BTCUSDT/15m',
    period: '2023-07-31',
    text: `${KLINES}\n1690761600000,-1.2E-7,0.00000803,-4.5E-7,0E-8,0,1690762499999,0,180,0,0,0\n`,
    first: { open: '-0.00000012', high: '0.00000803', low: '-0.00000045', close: '0' },
  },
  {
    era: 'mark bars without header',
    dataset: 'binance/cm/markPriceKlines/BTCUSD_PERP/1m',
    period: '2022-06-15',
    text: '1655251200000,22122.70,22130.00,22120.00,22125.10,0,1655251259999,0,60,0,0,0\n',
    first: { close: '22125.1', trade_count: null },
  },
  {
    era: 'um aggTrades',
    dataset: 'binance/um/aggTrades/BTCUSDT',
    period: '2026-07-15',
    text: 'agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker\n3383271130,65014.6,0.03,7900100566,7900100566,1784073600069,true\n',
    first: { agg_trade_id: 3383271130n, side: 'sell', is_best_match: null, last_trade_id: 7900100566n },
  },
  {
    era: 'cm aggTrades without header',
    dataset: 'binance/cm/aggTrades/BTCUSD_PERP',
    period: '2023-06-25',
    text: '261091940,30542.8,1.0,640356821,640356821,1687651202018,true\n',
    first: { price: '30542.8', size: '1', ts_event: 1687651202018000n },
  },
  {
    era: 'spot aggTrades in microseconds',
    dataset: 'binance/spot/aggTrades/BTCUSDT',
    period: '2026-10',
    text: '3383271130,84753.57,2.0,6734009177,6734009177,1791072000259957,False,True\n',
    first: { ts_event: 1791072000259957n, side: 'buy', is_best_match: true },
  },
  {
    era: 'um trades',
    dataset: 'binance/um/trades/BTCUSDT',
    period: '2025-07-31',
    text: 'id,price,qty,quote_qty,time,is_buyer_maker\n66119037,1.4327,11.6,16.61932,1753920002864,true\n',
    first: { trade_id: 66119037n, quote_size: '16.61932', side: 'sell' },
  },
  {
    era: 'spot trades in microseconds',
    dataset: 'binance/spot/trades/BTCUSDT',
    period: '2026-09-01',
    text: '6642078844,78581.30000000,0.00012000,9.42975600,1788220800322740,False,True\n',
    first: { price: '78581.3', size: '0.00012', ts_event: 1788220800322740n },
  },
  {
    era: 'um bookTicker',
    dataset: 'binance/um/bookTicker/BTCUSDT',
    period: '2023-06-15',
    text: 'update_id,best_bid_price,best_bid_qty,best_ask_price,best_ask_qty,transaction_time,event_time\n2948552298577,25115.90000000,13.09700000,25116.00000000,1.23000000,1686787200009,1686787200015\n',
    first: {
      update_id: 2948552298577n,
      ts_event: 1686787200015000n,
      transaction_time: 1686787200009000n,
      ask_price: '25116',
    },
  },
  {
    era: 'um bookDepth with integer bands',
    dataset: 'binance/um/bookDepth/BTCUSDT',
    period: '2023-01-01',
    text: 'timestamp,percentage,depth,notional\n2023-01-01 00:06:05,-5,16770.30000000,271987123.35882000\n',
    first: { ts_event: 1672531565000000n, percentage: '-5', depth: '16770.3', notional: '271987123.35882' },
  },
  {
    era: 'um bookDepth with two decimals',
    dataset: 'binance/um/bookDepth/BTCUSDT',
    period: '2026-09-12',
    text: 'timestamp,percentage,depth,notional\n2026-09-12 00:00:04,-5.00,8993.20000000,681319717.82160000\n2026-09-12 00:00:04,0.20,1.50000000,100.00000000\n',
    first: { ts_event: 1789171204000000n, percentage: '-5' },
  },
  {
    era: 'um metrics, in no order, with empty ratios',
    dataset: 'binance/um/metrics/BTCUSDT',
    period: '2026-07-15',
    text: `${METRICS}\n2026-07-15 00:05:01,BTCUSDT,105550.9850000000000000,6858675634.7062540000000000,1.28623339,,1.19972635,\n2026-07-15 00:00:00,BTCUSDT,105550.9850000000000000,6858675634.7062540000000000,1.28623339,1.47112400,1.19972635,1.55827200\n`,
    first: {
      ts_event: 1784073901000000n,
      ts_available: 1784074201000000n,
      sum_open_interest_value: '6858675634.706254',
      sum_toptrader_long_short_ratio: null,
    },
  },
  {
    era: 'um metrics of the end of 2021, whose empty ratios stand in quotes',
    dataset: 'binance/um/metrics/BTCUSDT',
    period: '2021-12-30',
    text: `${METRICS}\n2021-12-30 00:05:00,BTCUSDT,72516.054,3437120278.45,"","","",""\n2021-12-30 00:10:00,BTCUSDT,72520.1,3437300000.5,1.1,"",,0.9\n`,
    first: {
      sum_open_interest: '72516.054',
      count_toptrader_long_short_ratio: null,
      sum_taker_long_short_vol_ratio: null,
    },
  },
  {
    era: 'um metrics with epoch times',
    dataset: 'binance/um/metrics/BNXUSDTSETTLED',
    period: '2026-07-15',
    text: '1784073600000,BNXUSDT,1.5,2.5,,,,\n',
    first: { ts_event: 1784073600000000n, sum_open_interest: '1.5' },
  },
  {
    era: 'cm liquidations, every row twice',
    dataset: 'binance/cm/liquidations/BTCUSD_PERP',
    period: '2024-10',
    text: `${LIQUIDATIONS}\n${'1727740869082,BUY,LIMIT,IOC,7,63661.4,63425.1,FILLED,7,7\n'.repeat(2)}`,
    first: { side: 'buy', order_type: 'LIMIT', original_size: '7', average_price: '63425.1', status: 'FILLED' },
  },
  {
    era: 'cm liquidations with a symbol',
    dataset: 'binance/cm/liquidations/BTCUSD_PERP',
    period: '2024-03-05',
    text: `${LIQUIDATIONS.replace('time,', 'time,symbol,')}\n1709598391022,BTCUSD_PERP,SELL,LIMIT,IOC,1,67934.2,68203.4,FILLED,1,1\n`,
    first: { side: 'sell', price: '67934.2' },
  },
  {
    era: 'funding',
    dataset: 'binance/um/fundingRate/BTCUSDT',
    period: '2026-06',
    text: 'calc_time,funding_interval_hours,last_funding_rate\n1780272000001,8,0.00005703\n',
    first: { ts_event: 1780272000001000n, funding_rate: '0.00005703', mark_price: null },
  },
  {
    era: 'a volatility index',
    dataset: 'binance/option/bvolIndex/BTCBVOLUSDT',
    period: '2023-10-23',
    text: 'calc_time,symbol,base_asset,quote_asset,index_value\n1698019200000,BTCBVOLUSDT,BTCBVOL,USDT,48.3971\n',
    first: { base_asset: 'BTCBVOL', index_value: '48.3971' },
  },
  {
    era: 'cm metrics, most of whose ratios are empty and in quotes',
    dataset: 'binance/cm/metrics/BTCUSD_PERP',
    period: '2023-06-25',
    text: `${METRICS}\n2023-06-25 00:00:00,BTCUSD_PERP,5578700.00000000,18265.00911826,"","","",0.00855776\n2023-06-25 00:05:00,BTCUSD_PERP,5578209.00000000,18261.90678854,"","","",0E-8\n`,
    first: { sum_open_interest: '5578700', count_long_short_ratio: null, sum_taker_long_short_vol_ratio: '0.00855776' },
  },
  {
    era: 'an hourly summary of options, zeros with exponents',
    dataset: 'binance/option/eohSummary/BTCUSDT',
    period: '2023-10-23',
    text: `${EOH}\n2023-10-23,07,BTC-231027-22000-C,BTCUSDT,C,231027-22000,5490.00000000,5490.00000000,5490.00000000,5490.00000000,0E-8,0E-8,8330.00000000,0E-8,3.07000000,0E-8,"",-1E-8,8516.00000000,0.77500000,0.99997685,4E-8,0.00317555,-0.03076303,"",""\n`,
    first: {
      ts_event: 1698044400000000n,
      close: '5490',
      volume_contracts: '0',
      best_ask_price: '0',
      best_buy_iv: null,
      best_sell_iv: '-0.00000001',
      gamma: '0.00000004',
      open_interest_contracts: null,
    },
  },
  {
    era: 'an hourly summary of options, with cells that are empty',
    dataset: 'binance/option/eohSummary/BTCUSDT',
    period: '2023-10-23',
    text: `${EOH}\n2023-10-23,7,BTC-231027-33000-C,BTCUSDT,C,231027-33000,,,,,0,0,60,65,5.5,15,-1,0.52,,0.49,-0.21,0.0001,9.2,-44.1,1.5,\n`,
    first: {
      ts_event: 1698044400000000n,
      ts_available: 1698048000000000n,
      option_symbol: 'BTC-231027-33000-C',
      strike: '231027-33000',
      open: null,
      best_buy_iv: '-1',
      delta: '-0.21',
      open_interest_usdt: null,
    },
  },
  {
    era: 'trades in float seconds with UUIDs',
    dataset: 'bybit/um/trades/BTCUSDT',
    period: '2026-09-01',
    text: `${BYBIT},RPI\n1788220800.1169,BTCUSDT,Sell,0.001,78541.70,MinusTick,555a5c11-8b1d-5c5f-81b1-7f0bfc2ef2f3,7.854169999999999e+09,0.001,78.54169999999999,0\n`,
    first: { ts_event: 1788220800116900n, side: 'sell', trade_id: 0x555a5c118b1df2f3n, quote_size: null },
  },
  {
    era: 'trades of 2020, the newest first',
    dataset: 'bybit/um/trades/BTCUSDT',
    period: '2020-03-25',
    text: `${BYBIT}\n1585180799.9,BTCUSDT,Buy,1,6698.5,PlusTick,cccccccc-0000-4000-8000-00000000ffff,0,0,0\n1585180700,BTCUSDT,Buy,1,6698.5,PlusTick,0ccccccc-0000-4000-8000-00000000ffff,0,0,0\n`,
    first: { ts_event: 1585180799900000n, trade_id: 0x4ccccccc0000ffffn },
  },
  {
    era: 'spot trades',
    dataset: 'bybit/spot/trades/BTCUSDT',
    period: '2025-05-18',
    text: 'id,timestamp,price,volume,side,rpi\n1,1747526400074,106453.8,0.003718,sell,0\n',
    first: { trade_id: 1n, size: '0.003718', side: 'sell' },
  },
  {
    era: 'bars for MetaTrader, three hours ahead of UTC',
    dataset: 'bybit/um/klines/BTCUSDT/1m',
    period: '2023-01',
    text: '2023.01.01 00:00,16581.0,16584.0,16580.5,16584.0,114.627\n',
    first: { ts_event: 1672520400000000n, open: '16581', low: '16580.5', volume: '114.627', quote_volume: null },
  },
  {
    era: 'trades of options by instrument',
    dataset: 'okx/option/trades/BTC-USD-260901-74000-P',
    period: '2026-09-01',
    text: 'instrument_name,trade_id,side,price,size,created_time,source\nBTC-USD-260901-74000-P,485,buy,0.0001,15.0,1788208540365,0\n',
    first: { ts_event: 1788208540365000n, size: '15' },
  },
  {
    era: 'spot trades, small sizes with exponents',
    dataset: 'okx/spot/trades/BTC-USDT',
    period: '2026-09-01',
    text: 'instrument_name,trade_id,side,price,size,created_time,source\nBTC-USDT,1051558370,buy,78588.5,7.98e-05,1788192000381,0\nBTC-USDT,1051558371,sell,78588.5,0.25,1788192000381,1\n',
    first: { trade_id: 1051558370n, size: '0.0000798', price: '78588.5', side: 'buy' },
  },
  {
    era: 'trades under a header in another encoding',
    dataset: 'okx/spot/trades/BTC-USDT',
    period: '2023-11-18',
    text: 'trade_id/\u00b4\u00da\u00c2,side/\u00bd\u00bb,size/\u00ca\u00fd,price/\u00bc\u00db,created_time/\u00ca\u00b1\n450372093,buy,0.00418025,35910.6,1700239042832\n',
    first: { trade_id: 450372093n, size: '0.00418025', price: '35910.6' },
  },
  {
    era: 'aggregated trades, which do not say of which trades',
    dataset: 'okx/spot/aggTrades/BTC-USDT',
    period: '2023-11-18',
    text: 'trade_id/\u00b4\u00da\u00c2,side/\u00bd\u00bb,size/\u00ca\u00fd,price/\u00bc\u00db,created_time/\u00ca\u00b1\n450372860,buy,0.17316796,35911.9,1700239133047\n450372095,buy,0.2227,35912.3,1700239043283\n',
    first: { agg_trade_id: 450372860n, size: '0.17316796', first_trade_id: null, last_trade_id: null },
  },
  {
    era: 'bars of swaps, volume in coins',
    dataset: 'okx/um/klines/ETH-USDT-SWAP/1m',
    period: '2025-10-23',
    text: 'instrument_name,open,high,low,close,vol,vol_ccy,vol_quote,open_time,confirm\nETH-USDT-SWAP,3839.44,3843.58,3836.71,3838.16,23503.2,2350.32,9024127.30277,1761148800000,1\n',
    first: {
      volume: '2350.32',
      quote_volume: '9024127.30277',
      close_time: 1761148859999000n,
      ts_available: 1761148860000000n,
    },
  },
  {
    era: 'bars of the first years, without their value',
    dataset: 'okx/spot/klines/BTC-USDT/1m',
    period: '2021-09-01',
    text: `instrument_name,open,high,low,close,vol,vol_ccy,vol_quote,open_time,confirm\n${'BTC-USDT,47000.1,47010,46990.5,47001,1.25,None,None,1630425600000,1\n'.repeat(2)}`,
    first: { ts_event: 1630425600000000n, volume: '1.25', quote_volume: null },
  },
  {
    era: 'spot bars of 2023, with the word None where a volume is not there',
    dataset: 'okx/spot/klines/BTC-USDT/1m',
    period: '2023-07',
    text: `${CANDLES}\nBTC-USDT,100,101,99,100.5,20,None,None,1688140800000,1\nBTC-USDT,100,101,99,100.5,20,2010,2010,1688140860000,1\n`,
    first: { close: '100.5', volume: '20', quote_volume: null },
  },
  {
    era: 'bars of coin-margined swaps of 2023, with the word None where a volume is not there',
    dataset: 'okx/cm/klines/BTC-USD-SWAP/1m',
    period: '2023-07',
    text: `${CANDLES}\nBTC-USD-SWAP,100,101,99,100.5,20,None,None,1688140800000,1\n`,
    first: { volume: '20', quote_volume: null },
  },
  {
    era: 'aggregated trades of 2021, without names',
    dataset: 'okx/um/aggTrades/BTC-USDT-SWAP',
    period: '2021-11-15',
    text: '100,buy,5.0,65000.1,1636905600001\r\n101,sell,7.0,65000.2,1636905600002\r\n',
    first: { agg_trade_id: 100n, side: 'buy', size: '5', price: '65000.1' },
  },
  {
    era: 'funding by instrument',
    dataset: 'okx/um/fundingRate/BTC-USDT-SWAP',
    period: '2024-07',
    text: 'instrument_name,funding_rate,funding_time\r\nBTC-USDT-SWAP,-0.0001,1719792000000\r\n',
    first: { funding_rate: '-0.0001', funding_interval_hours: null },
  },
  {
    era: 'spot trades with codes for sides',
    dataset: 'gate/spot/trades/BTC_USDT',
    period: '2026-08',
    text: '1785542402.330460,214219192,62892.7,0.000159,1\n1785542402.330461,214219193,62892.7,0.000159,2\n',
    first: { ts_event: 1785542402330460n, side: 'sell', size: '0.000159' },
  },
  {
    era: 'spot bars, whose volume is of the base asset',
    dataset: 'gate/spot/klines/BTC_USDT/1h',
    period: '2024-01',
    text: '1704067200,10.5,42397.23,42480,42200,42280\n',
    first: {
      ...{ open: '42280', high: '42480', low: '42200', close: '42397.23', volume: '10.5', quote_volume: null },
      close_time: 1704070799999000n,
    },
  },
  {
    era: 'futures trades, whose sign is the side',
    dataset: 'gate/um/trades/BTC_USDT',
    period: '2026-01',
    text: '1767225601.477201,643050119,87617.7,-7601\n1767225602,643050120,87617.7,5\n',
    first: { side: 'sell', size: '7601', trade_id: 643050119n },
  },
  {
    era: 'futures bars in their own order',
    dataset: 'gate/um/klines/BTC_USDT/1m',
    period: '2026-01',
    text: '1767225600,151037,87617.9,87621.6,87598.1,87617.7\n',
    first: { open: '87617.7', high: '87621.6', low: '87598.1', close: '87617.9', volume: '151037' },
  },
  {
    era: 'funding',
    dataset: 'gate/um/fundingRate/BTC_USDT',
    period: '2026-01',
    text: '1767225600,0.0001\n',
    first: { funding_rate: '0.0001' },
  },
  {
    era: 'spot trades',
    dataset: 'kucoin/spot/trades/BTCUSDT',
    period: '2024-05-13',
    text: 'trade_id,trade_time,price,size,side\n8833558834331649,1715558400475,61484.1,0.0000325,BUY\n',
    first: { trade_id: 8833558834331649n, size: '0.0000325', side: 'buy' },
  },
  {
    era: 'futures trades without header',
    dataset: 'kucoin/um/trades/BTCUSDTM',
    period: '2024-05-14',
    text: '1749781187484,1715644801095,62932.6,6,sell\n',
    first: { trade_id: 1749781187484n, side: 'sell', size: '6' },
  },
  {
    era: 'spot bars, the close before the high',
    dataset: 'kucoin/spot/klines/BTCUSDT/1m',
    period: '2025-01-01',
    text: 'time,open,close,high,low,volume,turnover\n1735689600,93576,93610,93620,93500,1.5,140391.25\n',
    first: { open: '93576', close: '93610', high: '93620', low: '93500', quote_volume: '140391.25' },
  },
  {
    era: 'mark bars',
    dataset: 'kucoin/um/markPriceKlines/BTCUSDTM/1h',
    period: '2025-01-01',
    text: 'time,open,high,low,close\n1735689600000,93576,93620,93500,93610\n',
    first: { close: '93610', volume: null, close_time: 1735693199999000n },
  },
]

describe.each(ROWS)('$dataset: $era', ({ dataset: id, period: label, text, first }) => {
  const { dataset, period, format } = fileOf(id, label)

  test('becomes what it says', async () => {
    // Bytes beyond ASCII stand for themselves here: an encoding that is not UTF-8.
    const { table, report } = await parseRows(id, label, Buffer.from(text, 'latin1'))
    const rows = tableRows(table)
    expect(rows[0]).toMatchObject(first)
    expect(rows).toEqual(referenceRows(text, format, period, dataset))
    expect(report.inexact).toEqual({})
  })
})

/* Numbers that programs write with an exponent when they are small or large; sizes of OKX are, see above. */
test.each([
  [
    'bybit/um/trades/1000PEPEUSDT',
    '2026-09-01',
    `${BYBIT},RPI\n1788220800.1,1000PEPEUSDT,Sell,1e+06,8.5617e-05,MinusTick,555a5c11-8b1d-5c5f-81b1-7f0bfc2ef2f3,1,1,1,0\n`,
  ],
  [
    'bybit/spot/trades/SHIBUSDT',
    '2025-05-18',
    'id,timestamp,price,volume,side,rpi\n1,1747526400074,8.5617e-05,1e+06,sell,0\n',
  ],
  ['gate/spot/trades/SHIB_USDT', '2026-08', '1785542402.330460,214219192,8.5617e-05,1e+06,1\n'],
  [
    'kucoin/spot/trades/SHIBUSDT',
    '2024-05-13',
    'trade_id,trade_time,price,size,side\n8833558834331649,1715558400475,8.5617E-5,1E+6,BUY\n',
  ],
  [
    'okx/um/aggTrades/SHIB-USDT-SWAP',
    '2023-11-18',
    'trade_id,side,size,price,created_time\n450372860,buy,1e+06,8.5617e-05,1700239133047\n',
  ],
])('%s: an exponent is a way to write a number', async (id, label, text) => {
  const { table, report } = await parseRows(id, label, Buffer.from(text))
  expect(tableRows(table)[0]).toMatchObject({ price: '0.000085617', size: '1000000' })
  expect(report.inexact).toEqual({})
})

test.each([
  ['kraken/spot/klines/BTTUSD/1h', '2023-11', '1700002800,6.5E-7,7E-7,6E-7,6.8E-7,1E+6,1\n'],
  ['gate/spot/klines/BTT_USDT/1h', '2023-11', '1700002800,1e+06,6.8e-07,7e-07,6e-07,6.5e-07\n'],
  ['bybit/um/klines/BTTUSDT/1h', '2023-11', '2023.11.15 02:00,6.5e-07,7e-07,6e-07,6.8e-07,1e+06\n'],
  [
    'kucoin/um/klines/BTTUSDTM/1h',
    '2023-11-14',
    'time,open,high,low,close,volume\n1700002800000,6.5E-7,7E-7,6E-7,6.8E-7,1E+6\n',
  ],
  [
    'okx/spot/klines/BTT-USDT/1m',
    '2023-11-15',
    'instrument_name,open,high,low,close,vol,vol_ccy,vol_quote,open_time,confirm\nBTT-USDT,6.5e-07,7e-07,6e-07,6.8e-07,1e+06,0.65,0.65,1700002800000,1\n',
  ],
])('%s: bars may have exponents', async (id, label, text) => {
  const { table } = await parseRows(id, label, Buffer.from(text))
  const prices = { open: '0.00000065', high: '0.0000007', low: '0.0000006', close: '0.00000068' }
  expect(tableRows(table)[0]).toMatchObject({ ...prices, volume: '1000000' })
})

test.each([
  [
    'okx/um/fundingRate/BTC-USDT-SWAP',
    '2024-07',
    'instrument_name,funding_rate,funding_time\nBTC-USDT-SWAP,-1e-06,1719792000000\n',
  ],
  ['gate/um/fundingRate/BTC_USDT', '2024-07', '1719792000,-1e-06\n'],
  ['kucoin/um/fundingRate/BTCUSDTM', '2024-07-01', 'symbol,time,fundingRate\nXBTUSDTM,1719792000000,-1.0E-6\n'],
])('%s: a rate may have an exponent', async (id, label, text) => {
  const { table } = await parseRows(id, label, Buffer.from(text))
  expect(tableRows(table)[0]).toMatchObject({ funding_rate: '-0.000001' })
})

test('Kraken’s first hours', async () => {
  const url = new URL('../../../fixtures/venues/kraken/XBTUSD_60.csv.gz', import.meta.url)
  const bytes = gunzipSync(readFileSync(url))
  const dataset = parseDatasetId('kraken/spot/klines/XBTUSD/1h')
  const period: TimeRange = { from: Date.UTC(2013, 0) * 1000, to: Date.UTC(2026, 0) * 1000 }
  const formats = getExchange('kraken').formats ?? []
  const { table, report } = await parseArchiveFile({ bytes, name: 'XBTUSD_60.csv', dataset, period, formats })
  const [format] = formats
  if (format === undefined) throw new Error('kraken has a format')
  expect(tableRows(table)).toEqual(referenceRows(bytes.toString('utf8'), format, period, dataset))
  expect(report).toMatchObject({ rows: table.numRows, timeUnit: 's', sorted: true })
  expect(report.rows).toBeLessThan(report.fingerprint.expectedRows ?? 0)
}, 30_000)

test('a file that is empty of a known sign is refused: a spot file in the place of futures', async () => {
  const text = '1625097600.330460,214219192,62892.7,0.000159,1\n'
  await expect(parseRows('gate/um/trades/BTC_USDT', '2021-07', Buffer.from(text))).rejects.toThrow(
    'line 1 has 5 columns, not 4',
  )
})

test('an id of hexadecimal digits is no id of a file of KuCoin', async () => {
  const text = 'trade_id,trade_time,price,size,side\n5c24c5da03aa673885cd67aa,1715558400475,61484.1,0.0000325,BUY\n'
  await expect(parseRows('kucoin/spot/trades/BTCUSDT', '2024-05-13', Buffer.from(text))).rejects.toMatchObject({
    code: 'BAD_ROW',
    details: { line: 2, column: 'trade_id', value: '5c24c5da03aa673885cd67aa' },
  })
})

test('what contracts of swaps are worth is not guessed: bars without the volume in coins are refused', async () => {
  const text = `${CANDLES}\nBTC-USDT-SWAP,100,101,99,100.5,20,None,None,1688140800000,1\n`
  await expect(parseRows('okx/um/klines/BTC-USDT-SWAP/1m', '2023-07', Buffer.from(text))).rejects.toMatchObject({
    code: 'BAD_ROW',
    details: { line: 2, column: 'vol_ccy', value: 'None' },
  })
})

test.each(['100,buy,5.0,65000.1\n', 'BTC-USDT-SWAP,100,buy,65000.1,5.0,1636905600001\n'])(
  'a file without names of another form is refused: %s',
  async (text) => {
    await expect(parseRows('okx/um/trades/BTC-USDT-SWAP', '2021-11-15', Buffer.from(text))).rejects.toMatchObject({
      code: 'BAD_FORMAT',
    })
  },
)

describe('lines of aggregate trades that the venue has taken back', () => {
  const before = '1195415,11500.00000000,0.10000000,1195415,1195415,1512378359995,True,True\n'
  const marks = [
    '1195416,0.00000000,0.00000000,-1,-1,1512378360000,True,True\n',
    '1195417,0,0.0,-1,-1,1512378360000,True,True\r\n',
  ]
  const after = '1195418,11501.50000000,0.20000000,1195418,1195418,1512378360007,False,True\n'

  test('are no rows, and are counted', async () => {
    const text = `${before}${marks.join('')}${after}`
    const { table, report } = await parseRows('binance/spot/aggTrades/BTCUSDT', '2017-12', Buffer.from(text))
    expect(tableRows(table)).toMatchObject([{ agg_trade_id: 1195415n }, { agg_trade_id: 1195418n, price: '11501.5' }])
    expect(report).toMatchObject({ rows: 2, withdrawn: 2, quarantined: [], lastTime: 1512378360007_000 })
  })

  test.each([
    ['a price', '1195416,11500,0.00000000,-1,-1,1512378360000,True,True\n'],
    ['a size', '1195416,0,0.1,-1,-1,1512378360000,True,True\n'],
    ['a trade', '1195416,0,0,-1,5,1512378360000,True,True\n'],
  ])('are not those that have %s', async (_, mark) => {
    const content = Buffer.from(`${before}${mark}${after}`)
    await expect(parseRows('binance/spot/aggTrades/BTCUSDT', '2017-12', content)).rejects.toMatchObject({
      code: 'BAD_ROW',
      details: { line: 2, column: 'first_trade_id', value: '-1' },
    })
  })

  test('are bad lines in a market that has taken none back', async () => {
    const content = Buffer.from(`${before}${marks[0] ?? ''}`.replaceAll(',True\n', '\n'))
    await expect(parseRows('binance/um/aggTrades/BTCUSDT', '2017-12', content)).rejects.toThrow('line 2, column first')
  })
})

test('a row of another symbol refuses the file', async () => {
  const text = 'instrument_name,funding_rate,funding_time\nETH-USDT-SWAP,-0.0001,1719792000000\n'
  await expect(parseRows('okx/um/fundingRate/BTC-USDT-SWAP', '2024-07', Buffer.from(text))).rejects.toMatchObject({
    code: 'WRONG_FILE',
    details: { line: 2, column: 'instrument_name', value: 'ETH-USDT-SWAP' },
  })
})

function fileOf(id: string, label: string) {
  const dataset = parseDatasetId(id)
  const adapter = getExchange(dataset.exchange)
  const key = adapter.archive?.key(dataset, parsePeriod(label))
  const format = adapter.formats?.find(
    (one) => one.dataType === dataset.dataType && one.markets.includes(dataset.market),
  )
  if (key === undefined || format === undefined) throw new Error(`${id} has no file`)
  const period: Period = adapter.archive?.parseKey(key)?.period ?? parsePeriod(label)
  return { dataset, period, key, format, formats: adapter.formats ?? [] }
}

async function parseRows(id: string, label: string, content: Buffer): Promise<ParseResult<DataType>> {
  const { dataset, period, key, format, formats } = fileOf(id, label)
  const member = key.slice(key.lastIndexOf('/') + 1).replace(/\.zip$/, '.csv')
  const packed = {
    csv: () => content,
    'gzip-csv': () => gzipSync(content),
    'zip-csv': () => makeZip([{ name: member, content }]),
  }
  const bytes = packed[format.container]()
  return parseArchiveFile<DataType>({ bytes, name: key, dataset: typed(dataset), period, formats })
}

function typed(dataset: DatasetId): DatasetId & { readonly dataType: DataType } {
  return dataset
}
