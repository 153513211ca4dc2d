import { existsSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { openCatalog } from '@lake/catalog'
import { LakeError } from '@lake/core'
import { defineLake } from '@lake/pipeline'
import { candleChart } from './candle-chart.ts'
import type { CommandContext, CommonOptions } from './command-context.ts'
import { EXIT } from './exit-code.ts'
import { formatCount } from './format-number.ts'
import { cellText, objectTable } from './object-table.ts'
import { resolveUrl } from './resolve-url.ts'
import { runCommand } from './run-command.ts'

export interface DemoCommandOptions extends CommonOptions {
  readonly source: string
}

/** The bundled sample: real files of four kinds, as the exchange published them. */
const SAMPLE: readonly string[] = [
  'binance/spot/klines/BTCUSDT/1m',
  'binance/spot/klines/BTCUSDT/1h',
  'binance/cm/aggTrades/BTCUSD_PERP',
  'binance/um/fundingRate/BTCUSDT',
]

const TABLES = ['klines', 'agg_trades', 'funding_rates', 'bars', 'funding'] as const

const QUESTION = `select strftime(ts_event, '%Y-%m-%d') as day, open, high, low, close,
       round(vwap, 2) as vwap, round(volume, 3) as volume, trade_count, child_count
from bars
where symbol = 'BTCUSDT' and interval = '1d'
order by ts_event`

/** A chart of two days: 48 bars of an hour fit every terminal. */
const CHART = `select open, high, low, close
from bars
where symbol = 'BTCUSDT' and interval = '1h' and ts_event >= '2020-01-02' and ts_event < '2020-01-04'
order by ts_event`

/** `lake demo`: the main job on the bundled sample, from archive files to an answer in SQL. */
export async function demoCommand(options: DemoCommandOptions, context: CommandContext): Promise<number> {
  const { terminal, signal, workingDirectory } = context
  const source = resolveUrl(options.source, workingDirectory)
  if (source.startsWith('file:') && !existsSync(fileURLToPath(pathToFileURL(source.slice('file:'.length))))) {
    throw new LakeError(
      'NOT_FOUND',
      `There is no sample at ${options.source}: run this in the root of the repository, or name the folder with --source.`,
    )
  }
  const code = await runCommand({ ...options, source, dataset: SAMPLE }, context)
  if (code !== EXIT.complete || options.json === true) return code

  const { store } = defineLake({ lake: resolveUrl(options.lake, workingDirectory) })
  await using catalog = await openCatalog({ store, signal })
  const counts = TABLES.map((table) => `select '${table}' as "table", count(*) as "rows" from ${table}`)
  const tables = await catalog.query(counts.join(' union all '), [], { signal })
  const list = tables.objects().map((row) => `${cellText(row['table'])} ${formatCount(Number(row['rows']))}`)
  terminal.out(`\nRows a table: ${list.join(', ')}\n`)

  const candles = (await catalog.query(CHART, [], { signal })).objects().map((row) => ({
    open: Number(row['open']),
    high: Number(row['high']),
    low: Number(row['low']),
    close: Number(row['close']),
  }))
  terminal.out(`\nBTCUSDT, 2020-01-02 and 03, one candle an hour\n\n`)
  terminal.out(candleChart(candles, { hasColors: terminal.hasColors }))

  const answer = await catalog.query(QUESTION, [], { signal })
  terminal.out(`\nlake sql "${QUESTION}"\n\n`)
  terminal.out(
    objectTable(
      answer.columns.map(({ name }) => name),
      answer.objects(),
    ),
  )
  terminal.out(NEXT_STEPS)
  return EXIT.complete
}

const NEXT_STEPS = `
Try next:
  npm run -s lake -- sql "select * from funding_rates order by ts_event limit 5"
  npm run -s lake -- status
  npm run -s lake -- run --source https://data.binance.vision --dataset binance/spot/klines/BTCUSDT/1m --from 2024-01-01 --to 2024-03-01
  npm run -s lake -- --help
`
