import { existsSync } from 'node:fs'
import { openCatalog } from '@lake/catalog'
import { LakeError } from '@lake/core'
import { defineLake, runPipeline } from '@lake/pipeline'
import { fileURLToPath } from 'node:url'
import { candleChart } from './candle-chart.ts'
import type { CommandContext, CommonOptions } from './command-context.ts'
import { EXIT, exitCodeOf } from './exit-code.ts'
import { printRunReport } from './print-run-report.ts'
import { progressDisplay } from './progress-display.ts'
import { reportError } from './report-error.ts'
import { resolveUrl } from './resolve-url.ts'
import { printObjects } from './print-objects.ts'

export interface DemoCommandOptions extends CommonOptions {
  readonly source: string
}

/** What the bundled sample holds: real files of four kinds, as the exchange published them. */
const SAMPLE = [
  'binance/spot/klines/BTCUSDT/1m',
  'binance/spot/klines/BTCUSDT/1h',
  'binance/cm/aggTrades/BTCUSD_PERP',
  'binance/um/fundingRate/BTCUSDT',
]

const TABLES = `
  select 'klines' as "table", count(*) as "rows" from klines
  union all select 'agg_trades', count(*) from agg_trades
  union all select 'funding_rates', count(*) from funding_rates
  union all select 'bars', count(*) from bars
  union all select 'funding', count(*) from funding`

const QUESTION = `
select strftime(ts_event, '%Y-%m-%d') as day, open, high, low, close,
       round(vwap, 2) as vwap, round(volume, 3) as volume, trade_count as trades
from bars
where symbol = 'BTCUSDT' and interval = '1d'
order by ts_event`.trim()

/** `lake demo`: the main job on the bundled sample, from archive files to an answer in SQL. */
export async function demoCommand(options: DemoCommandOptions, context: CommandContext): Promise<number> {
  return EXIT.complete
}
