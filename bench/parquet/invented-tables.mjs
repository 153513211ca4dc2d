// Tables in the shape of a million one-minute bars and of two million trades of a day; the same on every machine.
import { constantWord, makeTable, tableSchema } from '@lake/core'

export function inventedBars(rows) {
  const { uniform, normal } = randomNumbers(7)
  const schema = tableSchema('klines')
  const columns = emptyColumns(schema, rows)
  let price = 9326.18
  for (let row = 0; row < rows; row++) {
    const open = price
    const close = rounded(open * Math.exp(normal() * 6e-4), 2)
    const volume = rounded(Math.exp(3 + 1.1 * normal()), 6)
    const takerVolume = rounded(volume * (0.3 + 0.4 * uniform()), 6)
    const time = 1672531200000000n + BigInt(row) * 60_000_000n
    columns.ts_event[row] = time
    columns.ts_available[row] = time + 60_000_000n
    columns.close_time[row] = time + 59_999_000n
    columns.open[row] = open
    columns.high[row] = rounded(Math.max(open, close) * (1 + Math.abs(normal()) * 3e-4), 2)
    columns.low[row] = rounded(Math.min(open, close) * (1 - Math.abs(normal()) * 3e-4), 2)
    columns.close[row] = close
    columns.volume[row] = volume
    columns.quote_volume[row] = rounded((volume * (open + close)) / 2, 8)
    columns.taker_buy_volume[row] = takerVolume
    columns.taker_buy_quote_volume[row] = rounded((takerVolume * (open + close)) / 2, 8)
    columns.trade_count[row] = BigInt(Math.floor(volume * 17 + uniform() * 90))
    price = close
  }
  return makeTable(schema, columns)
}

export function inventedAggTrades(rows) {
  const { uniform, normal } = randomNumbers(8)
  const schema = tableSchema('aggTrades')
  const columns = emptyColumns(schema, rows)
  let price = 62_000
  let millis = 1709596800000
  let lastId = 3_400_000_000
  for (let row = 0; row < rows; row++) {
    price *= Math.exp(normal() * 1.5e-5)
    millis += (-Math.log(1 - uniform()) * 86_400_000) / rows
    const trades = 1 + Math.floor(Math.log(1 - uniform()) / Math.log(0.4))
    const time = BigInt(Math.floor(millis)) * 1000n
    columns.ts_event[row] = time
    columns.ts_available[row] = time
    columns.agg_trade_id[row] = BigInt(2_900_000_000 + row)
    columns.price[row] = rounded(price, 2)
    columns.size[row] = rounded(Math.exp(-4 + 1.7 * normal()) + 1e-5, 5)
    columns.first_trade_id[row] = BigInt(lastId)
    columns.last_trade_id[row] = BigInt(lastId + trades - 1)
    lastId += trades
    columns.side.codes[row] = uniform() < 0.5 ? 0 : 1
    columns.is_best_match[row] = 1
  }
  return makeTable(schema, columns)
}

function emptyColumns(schema, rows) {
  const arrays = {
    Float64: () => new Float64Array(rows),
    Bool: () => new Uint8Array(rows),
    Dictionary: (name) => (name === 'side' ? { codes: new Int32Array(rows), words: ['buy', 'sell'] } : undefined),
  }
  return Object.fromEntries(
    schema.fields.map(({ name, type }) => {
      const kind = String(type).split(/[<,]/)[0]
      const made = name === 'source' ? constantWord('archive', rows) : arrays[kind]?.(name)
      return [name, made ?? new BigInt64Array(rows)]
    }),
  )
}

function rounded(value, digits) {
  return Math.round(value * 10 ** digits) / 10 ** digits
}

function randomNumbers(seed) {
  let state = seed
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())
  return { uniform, normal }
}
