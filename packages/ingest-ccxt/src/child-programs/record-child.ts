/* Records from a local venue until it is killed: a process of its own for tests that kill it. */
import { parseDatasetId } from '@lake/core'
import { binance } from '@lake/exchanges'
import { openStore } from '@lake/storage'
import { recordLive } from '../index.ts'

const [baseUrl = '', target = '', spool = '', ...ids] = process.argv.slice(2)
await recordLive({
  adapter: binance,
  datasets: ids.map(parseDatasetId),
  target: openStore(target),
  spool,
  baseUrl,
  signal: new AbortController().signal,
  timing: { pingMicros: 200_000 },
})
