import type { ObjectStore } from '@lake/core'
import { writeZip } from '@lake/ingest-s5cmd/testing'

const HEADERS = {
  trades: 'instrument_name,trade_id,side,price,size,created_time,source',
  candlesticks: 'instrument_name,open,high,low,close,vol,vol_ccy,vol_quote,open_time,confirm',
  fundingrates: 'instrument_name,funding_rate,funding_time',
} as const

const FOLDERS = { trades: 'trades', candlesticks: 'candlesticks', fundingrates: 'swaprates' } as const

/** A file of OKX's archive: of a day, or of a month where the label is one. */
export interface OkxFile {
  readonly type: keyof typeof HEADERS
  /** `BTC-USD-futureschain` */
  readonly symbol: string
  /** `2024-03-01` or `2024-03` */
  readonly label: string
  readonly lines: readonly string[]
  /** Another header than today's. */
  readonly header?: string | undefined
}

/** Puts a file where the archive has it; gives its key. */
export async function putOkxFile(
  source: ObjectStore,
  { type, symbol, label, lines, header }: OkxFile,
): Promise<string> {
  const csv = [header ?? HEADERS[type], ...lines, ''].join('\n')
  const name = `${symbol}-${type}-${label}`
  const kind = label.length === 7 ? 'monthly' : 'daily'
  const key = `${FOLDERS[type]}/${kind}/${label.replaceAll('-', '')}/${name}.zip`
  await source.put(key, await writeZip([{ name: `${name}.csv`, bytes: Buffer.from(csv) }]))
  return key
}

/** A line of trades: `BTC-USD-240329` number 7 at a moment. */
export function okxTrade(symbol: string, id: number, time: string, price: number = 63_000 + id): string {
  return `${symbol},${id},${id % 2 === 0 ? 'buy' : 'sell'},${price},1,${Date.parse(time)},0`
}

/** A minute's bar. */
export function okxBar(symbol: string, time: number, close: number): string {
  return `${symbol},${close},${close},${close},${close},10,0.5,630,${time},1`
}
