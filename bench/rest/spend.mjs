// Twenty datasets of one venue share its budget for so many seconds, with the real clock.
//
//   node bench/rest/spend.mjs URL WEIGHT WINDOW_MILLIS SECONDS FOLDER FIRST COUNT
import { parseDatasetId } from '@lake/core'
import { binance } from '@lake/exchanges'
import { createRateLimiter, createTransport, fetchRange } from '@lake/ingest-ccxt'

const [url, weight, windowMillis, seconds, folder, first, count] = process.argv.slice(2)
const budget = {
  id: 'binance-um',
  weight: Number(weight),
  window: Number(windowMillis) * 1000,
  usedHeader: 'x-mbx-used-weight-1m',
}
const adapter = { ...binance, rest: { ...binance.rest, budgets: [budget] } }
const transport = createTransport({ baseUrl: url, credentials: () => undefined })
const limiter = createRateLimiter({ folder })
const signal = AbortSignal.timeout(Number(seconds) * 1000)
const start = Date.UTC(2020, 0, 1) * 1000

await Promise.all(
  Array.from({ length: Number(count) }, async (_, one) => {
    const dataset = parseDatasetId(`binance/um/klines/S${Number(first) + one}USDT/1m`)
    const range = { from: start, to: start + 400_000 * 60_000_000 }
    try {
      for await (const page of fetchRange({ adapter, dataset, range, transport, limiter, signal, pageRows: 499 }))
        void page
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }),
)
await transport.close()
