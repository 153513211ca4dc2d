import { randomBytes } from 'node:crypto'
import { parseDatasetId, parsePeriod } from '@lake/core'
import { countedFolders } from '@lake/ingest-s5cmd'
import { s3Store } from '@lake/storage'

/** Puts objects of noise into a bucket, and lists them as files of an archive. */
export async function fillBucket({ server, bucket, count, bytes }) {
  const store = s3Store({ bucket, endpoint: server.endpoint, region: 'us-east-1' })
  const noise = randomBytes(bytes)
  const dataset = parseDatasetId('binance/spot/klines/BTCUSDT/1m')
  const period = parsePeriod('2024-01-01')
  const files = []
  let next = 0
  const fill = async () => {
    while (next < count) {
      const number = next++
      const body = Buffer.from(noise)
      body.writeUInt32LE(number)
      const key = `data/spot/daily/klines/BTCUSDT/1m/BTCUSDT-1m-${String(number).padStart(6, '0')}.zip`
      await store.put(key, body)
    }
  }
  await Promise.all(Array.from({ length: 8 }, fill))
  // As a plan is made: what there is in each folder is known from then on.
  const { store: listed, objectsIn } = countedFolders(store)
  for await (const { key, size, etag } of listed.list()) files.push({ key, size, etag, dataset, period })
  return { bucket, files, listed: objectsIn, bytes: count * bytes }
}
