/* Walks over a range of a local venue until it is killed: a process of its own for tests that kill it. */
import { parseDatasetId } from '@lake/core'
import { binance } from '@lake/exchanges'
import { createRateLimiter, createTransport, fetchRange } from '../index.ts'

const [baseUrl = '', folder = '', id = '', from = '', to = ''] = process.argv.slice(2)
const transport = createTransport({ baseUrl, credentials: () => undefined })
const limiter = createRateLimiter({ folder, patience: 600_000_000 })
const range = { from: Number(from), to: Number(to) }
for await (const { envelope } of fetchRange({
  adapter: binance,
  dataset: parseDatasetId(id),
  range,
  transport,
  limiter,
})) {
  process.send?.(envelope.range.to)
}
process.disconnect()
await transport.close()
