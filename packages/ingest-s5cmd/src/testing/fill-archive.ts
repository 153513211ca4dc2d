import { createHash } from 'node:crypto'
import { DAY_MICROS, dayOf, type ObjectStore, parseDatasetId, parseInstant, parsePeriod } from '@lake/core'
import type { ArchiveFile } from '../archive-file.ts'

export interface FillOptions {
  readonly store: ObjectStore
  readonly count: number
  /** Bytes of each file. Default 500. */
  readonly bytes?: number | undefined
  /** Default `BTCUSDT`. */
  readonly symbol?: string | undefined
  /** Default true. */
  readonly checksums?: boolean | undefined
}

/** Puts invented daily files into a store, with their CHECKSUM files, and gives them as a listing would. */
export async function fillArchive(options: FillOptions): Promise<ArchiveFile[]> {
  const { store, count, bytes = 500, symbol = 'BTCUSDT', checksums = true } = options
  const dataset = parseDatasetId(`binance/spot/klines/${encodeURIComponent(symbol)}/1m`)
  const files: ArchiveFile[] = []
  for (let day = 0; day < count; day++) {
    const period = parsePeriod(dayOf(parseInstant('2024-01-01') + day * DAY_MICROS))
    const name = `${symbol}-1m-${period.label}.zip`
    const key = `data/spot/daily/klines/${symbol}/1m/${name}`
    const body = Buffer.alloc(bytes, `${symbol} ${period.label} `)
    const { etag } = await store.put(key, body)
    const checksumKey = checksums ? `${key}.CHECKSUM` : undefined
    if (checksumKey !== undefined) {
      await store.put(checksumKey, new TextEncoder().encode(`${sha256Of(body)}  ${name}\n`))
    }
    files.push({ key, dataset, period, size: bytes, etag, checksumKey })
  }
  return files
}

/** 64 lower-case hex digits. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Every object of a store, as text by key. */
export async function textsOf(store: ObjectStore, prefix = ''): Promise<Record<string, string>> {
  const texts: Record<string, string> = {}
  for await (const { key } of store.list({ prefix })) {
    const { body } = await store.get(key)
    let text = ''
    for await (const chunk of body) text += Buffer.from(chunk).toString('latin1')
    texts[key] = text
  }
  return texts
}
