import { parseDatasetId, type RawPage } from '@lake/core'
import { expect, test } from 'vitest'
import { decodePage, encodePage } from './page-file.ts'

const page: RawPage = {
  envelope: {
    dataset: parseDatasetId('binance/um/klines/BTCUSDT/1m'),
    series: 'binance-um-klines',
    request: { method: 'fapiPublicGetKlines', parameters: { symbol: 'BTCUSDT', limit: 499 } },
    range: { from: 0, to: 60_000_000 },
    requestedAt: 5,
    receivedAt: 7,
    asOf: 4,
    status: 200,
    headers: { 'x-mbx-used-weight-1m': '2' },
    sha256: 'ab'.repeat(32),
  },
  body: Buffer.from('[[1,\n"2"]]\n\n'),
}

test('a page comes back from its file as it was, line feeds in the body too', () => {
  const { envelope, body } = decodePage(encodePage(page), 'key')
  expect(envelope).toEqual(page.envelope)
  expect(Buffer.from(body).equals(Buffer.from(page.body))).toBe(true)
})

test.each(['', 'no line', '{}\n[]', '{"format":2}\n[]'])('a file that is no page is named: %j', (content) => {
  expect(() => decodePage(Buffer.from(content), 'bronze/x.page')).toThrow(
    expect.objectContaining({ code: 'CORRUPT_LAKE', details: { key: 'bronze/x.page' } }),
  )
})
