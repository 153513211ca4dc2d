import { PassThrough } from 'node:stream'
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
  const { show, close } = progressDisplay(terminal, { now: () => now })
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

test('a bar is drawn in place on a screen, and leaves it clean', () => {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 100 })
  const terminal = capturedTerminal({ isInteractive: true })
  const { show, close } = progressDisplay(terminal, { stream })
  const file = (done: number) => ({ id: 'x', stage: 'bronze' as const, label: `file ${done}`, done, total: 5 })
  show(file(1))
  show(file(4))
  show({ ...file(1), stage: 'silver', total: 1, label: '2024-01' })
  close()
  const drawn = String(stream.read())
  expect(drawn).toContain('1/5 bronze x file 1')
  expect(drawn).toContain('1/1 silver x 2024-01')
  // The cursor is hidden while it is drawn and shown again, and the line is cleared at the end.
  expect(drawn.indexOf('\u001B[?25l')).toBeGreaterThanOrEqual(0)
  expect(drawn.lastIndexOf('\u001B[?25h')).toBeGreaterThan(drawn.lastIndexOf('silver'))
  expect(terminal.stderr()).toBe('')
})

test('on a stream that is no screen nothing is drawn', () => {
  const stream = new PassThrough()
  const { show, close } = progressDisplay(capturedTerminal({ isInteractive: true }), { stream })
  show({ id: 'x', stage: 'bronze', label: 'file', done: 1, total: 5 })
  close()
  expect(stream.read()).toBeNull()
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
