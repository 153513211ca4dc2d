import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LakeError, type ObjectStore, parseDatasetId, parseInstant } from '@lake/core'
import { certifyLake, defineLake, discoverSource, type Lake } from '@lake/pipeline'
import { openStore } from '@lake/storage'
import { candleChart } from './candle-chart.ts'
import { certificateText } from './certificate-text.ts'
import type { CommandContext, CommonOptions } from './command-context.ts'
import { EXIT } from './exit-code.ts'
import { formatCount, plural } from './format-number.ts'
import { lakeUrl } from './named-place.ts'
import { cellText, objectTable } from './object-table.ts'
import { openSqlEngine } from './open-sql-engine.ts'
import { replayVenue } from './replay-venue.ts'
import { resolveUrl } from './resolve-url.ts'
import { runRequest } from './run-command.ts'
import { withoutObject } from './without-object.ts'

export interface DemoCommandOptions extends CommonOptions {
  readonly source: string
}

/** The bundled sample: real files of four kinds, as the exchange published them. */
const MINUTES = 'binance/spot/klines/BTCUSDT/1m'

const SAMPLE: readonly string[] = [
  MINUTES,
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

/** The day that is left out of the archive on purpose, and its file. */
const DAY = '2020-01-02'
const DAY_FILE = `data/spot/daily/klines/BTCUSDT/1m/BTCUSDT-1m-${DAY}.zip`

/**
 * `lake demo`: the main job on the bundled sample, from archive files to an answer in SQL. One day is left out of the
 * archive; the run finds the gap and fills it from a venue on this machine that replays the day.
 */
export async function demoCommand(options: DemoCommandOptions, context: CommandContext): Promise<number> {
  const { terminal, signal, workingDirectory } = context
  const json = options.json === true
  const sample = await openSample(options.source, workingDirectory)
  const { store } = defineLake({ lake: await lakeUrl(options.lake, workingDirectory) })
  await using venue = await replayVenue(sample, DAY_FILE, parseDatasetId(MINUTES), parseInstant(DAY))
  const budgetFolder = await mkdtemp(join(tmpdir(), 'lake-demo-'))
  const venues = { urls: { binance: venue.url }, budgetFolder }
  try {
    if (!json) terminal.out(ABOUT_THE_DAY)
    const source = withoutObject(sample, DAY_FILE)
    // Only who has looked at the archive can say that a file is not there.
    await discoverSource(defineLake({ lake: store }), { source, exchange: 'binance' }, { signal })
    const request = { source, datasets: SAMPLE, heal: true }
    const code = await runRequest(defineLake({ lake: store, venues }), request, { context, json })
    if (code !== EXIT.complete || json) return code
    if (venue.requests.length > 0) terminal.out(replayText(venue.requests.length))
    terminal.out(await certifyTheDay(defineLake({ lake: store }), sample, signal))
  } finally {
    await rm(budgetFolder, { recursive: true, force: true })
  }
  await using catalog = await openSqlEngine({ store, signal })
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

async function openSample(source: string, workingDirectory: string): Promise<ObjectStore> {
  const store = openStore(resolveUrl(source, workingDirectory))
  if ((await store.head(DAY_FILE)) !== undefined) return store
  throw new LakeError(
    'NOT_FOUND',
    `There is no sample at ${source}: run this in the root of the repository, or name the folder with --source.`,
    { details: { option: '--source', value: source } },
  )
}

const ABOUT_THE_DAY = `The archive's file of ${DAY} is left out on purpose. The run finds the gap and asks the venue for it.
No exchange is asked: a venue on this machine replays that day, with some rows twice and some rows late.

`

function replayText(requests: number): string {
  return `The gap of ${DAY} was filled with rows of the replay, after ${plural(requests, 'request')}.\n`
}

/** Takes the file that was left out, and compares it with what the replay gave. */
async function certifyTheDay(lake: Lake, source: ObjectStore, signal: AbortSignal): Promise<string> {
  const { partitions, failures } = await certifyLake(lake, { datasets: [MINUTES], source }, { signal })
  const [failure] = failures
  if (failure !== undefined) throw failure.error
  const lines = partitions.map(({ label, certificate, certificateKey }) => {
    const parts = certificate.parts.map(
      ({ name, rows, sums }) => `${name} ${plural(rows, 'row')} volume ${String(sums['volume'])}`,
    )
    return `  ${label} ${certificate.verdict}: ${certificateText(certificate)}; ${parts.join(', ')}\n  ${certificateKey}\n`
  })
  return `\nThe file that was left out is compared with what the replay gave, and a certificate kept:\n${lines.join('')}`
}

const NEXT_STEPS = `
Try next:
  npm run -s lake -- sql "select * from funding_rates order by ts_event limit 5"
  npm run -s lake -- status
  npm run -s lake -- lineage binance/spot/klines/BTCUSDT/1m
  npm run -s lake -- run --source https://data.binance.vision --dataset binance/spot/klines/BTCUSDT/1m --from 2024-01-01 --to 2024-03-01
  npm run -s lake -- --help
`
