import { createHash } from 'node:crypto'
import { DAY_MICROS, dayOf, type ObjectStore, parseDatasetId, parseInstant, parsePeriod, readObject } from '@lake/core'
import type { ArchiveFile } from '../archive-file.ts'
import { mapInOrder } from '../map-in-order.ts'

export interface FillOptions {
  readonly store: ObjectStore
  readonly count: number
  /** Bytes of each file. Default 500. */
  readonly bytes?: number | undefined
  /** Default `BTCUSDT`. */
  readonly symbol?: string | undefined
  /** What the bytes begin with, so that the same files have other ones. Default nothing. */
  readonly text?: string | undefined
  /** Default true. */
  readonly checksums?: boolean | undefined
}

/** Puts invented daily files into a store, with their CHECKSUM files, and gives them as a listing would. */
export async function fillArchive(options: FillOptions): Promise<ArchiveFile[]> {
  const { store, count, bytes = 500, symbol = 'BTCUSDT', text = '', checksums = true } = options
  const dataset = parseDatasetId(`binance/spot/klines/${encodeURIComponent(symbol)}/1m`)
  const put = async (day: number): Promise<ArchiveFile> => {
    const period = parsePeriod(dayOf(parseInstant('2024-01-01') + day * DAY_MICROS))
    const name = `${symbol}-1m-${period.label}.zip`
    const key = `data/spot/daily/klines/${symbol}/1m/${name}`
    const body = Buffer.alloc(bytes, `${text}${symbol} ${period.label} `)
    const { etag } = await store.put(key, body)
    const checksumKey = checksums ? `${key}.CHECKSUM` : undefined
    if (checksumKey !== undefined) {
      await store.put(checksumKey, new TextEncoder().encode(`${sha256Of(body)}  ${name}\n`))
    }
    return { key, dataset, period, size: bytes, etag, checksumKey }
  }
  const days = Array.from({ length: count }, (_, day) => day)
  return collect(mapInOrder(days, { concurrency: AT_ONCE, work: put }))
}

const AT_ONCE = 8

/** 64 lower-case hex digits. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Every object of a store, as text by key. */
export async function textsOf(store: ObjectStore, prefix = ''): Promise<Record<string, string>> {
  const keys: string[] = []
  for await (const { key } of store.list({ prefix })) keys.push(key)
  const read = async (key: string): Promise<[string, string]> => {
    return [key, Buffer.from(await readObject(store, key)).toString('latin1')]
  }
  return Object.fromEntries(await collect(mapInOrder(keys, { concurrency: AT_ONCE, work: read })))
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
