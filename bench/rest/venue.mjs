// A venue in a process of its own, so that its work is not counted: so many minutes of invented bars from 2020 on.
//
//   node bench/rest/venue.mjs ROWS WEIGHT WINDOW_MILLIS
import { startVenue } from '@lake/ingest-ccxt/testing'

const [rows, weight, windowMillis] = process.argv.slice(2).map(Number)
const start = Date.UTC(2020, 0, 1)
const times = Float64Array.from({ length: rows }, (_, row) => start + row * 60_000)
const texts = Array.from(times, (time, row) => {
  const price = (40_000 + 1000 * Math.sin(row / 977)).toFixed(2)
  const size = ((row * 7919) % 100_000) / 1000
  return `[${time},"${price}","${price}","${price}","${price}","${size}",${time + 59_999},"${(size * 4e4).toFixed(5)}",${row % 900},"${size / 2}","${(size * 2e4).toFixed(5)}","0"]`
})
const symbols = Array.from({ length: 20 }, (_, symbol) => `S${symbol}USDT`)
const venue = await startVenue({
  rows: symbols.map((symbol) => ({ path: '/fapi/v1/klines', symbol, interval: '1m', times, texts })),
  limits: { um: { weight, windowMillis } },
})
process.send({ url: venue.url })
process.on('message', () => {
  const refused = venue.requests.filter(({ status }) => status !== 200).length
  const spent = venue.requests.reduce((sum, { weight: one, status }) => sum + (status === 200 ? one : 0), 0)
  process.send({ requests: venue.requests.length, refused, spent })
})
process.on('disconnect', () => process.exit())
