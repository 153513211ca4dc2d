import { expect, test } from 'vitest'
import { formatBytes, formatCount, plural } from './format-number.ts'
import { parseBandwidth } from './parse-options.ts'
import { progressDisplay } from './progress-display.ts'
import { reportError } from './report-error.ts'
import { resolveUrl } from './resolve-url.ts'
import { capturedTerminal } from './testing/captured-terminal.ts'
import { textTable } from './text-table.ts'

test('tables align, also around wide characters', () => {
  const rows = [
    { name: '币安人生USDT', n: 1 },
    { name: 'BTCUSDT', n: 20 },
  ]
  expect(
    textTable(rows, [
      { title: 'symbol', text: ({ name }) => name },
      { title: 'n', text: ({ n }) => String(n), align: 'right' },
    ]),
  ).toBe('symbol         n\n币安人生USDT   1\nBTCUSDT       20\n')
})

test.each([
  ['20MB', 20_000_000],
  ['1.5 GiB/s', 1_610_612_736],
  ['500kb', 500_000],
  ['64B', 64],
])('--bandwidth %s is %i bytes a second', (text, rate) => {
  expect(parseBandwidth(text)).toBe(rate)
})

test.each(['', 'fast', '20', '-1MB', '0MB', '1e3MB', '0.0001kB', '20 Mbit'])('--bandwidth %j is refused', (text) => {
  expect(() => parseBandwidth(text)).toThrow(/bytes a second such as 500kB, 20MB/)
})

test('numbers are readable', () => {
  expect([
    formatCount(1234567),
    formatBytes(999),
    formatBytes(1_327_162),
    formatBytes(2e15),
    plural(1, 'row'),
    plural(2, 'row'),
  ]).toEqual(['1,234,567', '999 B', '1.33 MB', '2.00 PB', '1 row', '2 rows'])
})

test('relative places start where the user stands', () => {
  expect(resolveUrl('./lake-data', '/data/me')).toBe('file:/data/me/lake-data')
  expect(resolveUrl('file:./lake-data', '/data/me')).toBe('file:/data/me/lake-data')
  expect(resolveUrl('file:///data/lake', '/data/me')).toBe('file:///data/lake')
  expect(resolveUrl('https://data.binance.vision', '/data/me')).toBe('https://data.binance.vision')
  expect(resolveUrl('memory:', '/data/me')).toBe('memory:')
})

test('a log gets a line at the end of each stage, and one every two seconds', () => {
  const terminal = capturedTerminal()
  let now = 0
  const { show, close } = progressDisplay(terminal, () => now)
  const file = (done: number) => ({ id: 'x', stage: 'bronze' as const, label: `file ${done}`, done, total: 5 })
  show(file(1))
  show(file(2))
  now = 2500
  show(file(3))
  show(file(4))
  show(file(5))
  close()
  expect(terminal.stderr()).toBe(
    'x: 1/5 files verified in bronze (file 1)\nx: 3/5 files verified in bronze (file 3)\nx: 5/5 files verified in bronze (file 5)\n',
  )
})

test('a defect of the program is called one', () => {
  const terminal = capturedTerminal()
  reportError(new TypeError('boom'), { terminal, json: false })
  reportError('thrown text', { terminal, json: true })
  expect(terminal.stderr()).toMatch(/^lake: This is a defect of lake, please report it: TypeError: boom/)
  expect(JSON.parse(terminal.stdout())).toEqual({
    error: { code: 'DEFECT', message: 'This is a defect of lake, please report it: thrown text', details: {} },
  })
})
