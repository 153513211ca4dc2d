import { expect, test } from 'vitest'
import { originalKey, restatedKey, restatedPrefix } from './restated-key.ts'

const SHA256 = '0123456789abcdef'.repeat(4)

test.each([
  ['a/BTCUSDT-1m-2024-01.zip', 'a/BTCUSDT-1m-2024-01.restated-0123456789ab.zip'],
  ['a/BTCUSD2020-03-25.csv.gz', 'a/BTCUSD2020-03-25.restated-0123456789ab.csv.gz'],
  [
    'a/BTC-USDT-L2orderbook-400lv-2024-01-01.tar.gz',
    'a/BTC-USDT-L2orderbook-400lv-2024-01-01.restated-0123456789ab.tar.gz',
  ],
  ['a/2024-01-01_BTCUSDT_ob500.data.zip', 'a/2024-01-01_BTCUSDT_ob500.restated-0123456789ab.data.zip'],
  ['a/BRK.B-1d-2024.zip', 'a/BRK.B-1d-2024.restated-0123456789ab.zip'],
  ['a.b/readme', 'a.b/readme.restated-0123456789ab'],
])('a later version of %s lies beside it', (key, restated) => {
  expect(restatedKey(key, SHA256)).toBe(restated)
  expect(restated.startsWith(restatedPrefix(key))).toBe(true)
  expect(originalKey(restated)).toBe(key)
  expect(originalKey(key)).toBe(key)
})

test.each(['a.restated-0123456789ab.zip/b', 'a.restated-0123.zip', 'a.restated-0123456789AB-b.zip'])(
  '%s is the first version of itself',
  (key) => {
    expect(originalKey(key)).toBe(key)
  },
)
