import { LakeError, parseDatasetId, parsePeriod, tableSchema } from '@lake/core'
import fc from 'fast-check'
import type { TypeMap } from 'apache-arrow'
import { describe, expect, test } from 'vitest'
import { type CsvOptions, parseCsv, type ParseReport } from './parse-csv.ts'
import { type ArbitraryCsv, arbitraryCsv, csvDataset } from './testing/arbitrary-csv.ts'
import { formatFor } from './testing/real-files.ts'
import { plainDecimal } from './testing/reference-value.ts'
import { referenceRows, type ReferenceRow } from './testing/reference.ts'
import { tableRows } from './testing/table-rows.ts'
import { wholeLines } from './whole-lines.ts'

describe('the parser agrees with a slow and obvious one', () => {
  test('on every format, however the bytes are cut and the rows are batched', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryCsv, cuts(), fc.integer({ min: 1, max: 8 }), async (csv, sizes, batchRows) => {
        const { rows, report, lines } = await collect(csv, { chunks: pieces(Buffer.from(csv.text), sizes), batchRows })
        expect(rows).toEqual(referenceRows(csv.text, csv.format, csv.period))
        expect(report).toMatchObject({ rows: csv.rows, bytes: Buffer.byteLength(csv.text) })
        const first = report.header ? 2 : 1
        expect(lines).toEqual(
          Array.from({ length: Math.ceil(csv.rows / batchRows) }, (_, at) => first + at * batchRows),
        )
      }),
      { numRuns: 300 },
    )
  }, 60_000)

  test('on which numbers a float64 does not hold', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryCsv, async (csv) => {
        const { report } = await collect(csv, { chunks: pieces(Buffer.from(csv.text), []), batchRows: Infinity })
        expect(report.inexact).toEqual(inexactOf(csv))
      }),
      { numRuns: 200 },
    )
  }, 60_000)

  test('on the first and last time and on their order', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryCsv, async (csv) => {
        const { report, rows } = await collect(csv, { chunks: pieces(Buffer.from(csv.text), [7]), batchRows: 3 })
        const times = rows.map((row) => Number(row['ts_event']))
        expect(report).toMatchObject({
          firstTime: Math.min(...times),
          lastTime: Math.max(...times),
          sorted: times.every((time, at) => at === 0 || (times[at - 1] ?? 0) <= time),
        })
      }),
    )
  }, 60_000)

  test('on whether a CSV with one byte changed is right', async () => {
    const bytes = fc.constantFrom(...Buffer.from('0123456789.,-+eE\n\r"\u0000 tfrue:'))
    let refused = 0
    let accepted = 0
    await fc.assert(
      fc.asyncProperty(arbitraryCsv, fc.nat(), bytes, fc.nat(2), cuts(), async (csv, at, byte, how, sizes) => {
        const original = Buffer.from(csv.text)
        const place = at % original.length
        // Replaced, inserted or removed.
        const middle = how === 2 ? [] : [byte]
        const changed = Buffer.concat([
          original.subarray(0, place),
          Buffer.from(middle),
          original.subarray(how === 1 ? place : place + 1),
        ])
        const expected = referenceRows(changed.toString('utf8'), csv.format, csv.period)
        const result = await collect(csv, { chunks: pieces(changed, sizes), batchRows: 5 }).catch(
          (error: unknown) => error,
        )
        if (expected === undefined) {
          refused++
          expect(LakeError.is(result) && result.code).toMatch(/^(BAD_ROW|BAD_FORMAT|WRONG_FILE)$/)
        } else {
          accepted++
          expect(result).toMatchObject({ rows: expected })
        }
      }),
      { numRuns: 1000 },
    )
    expect(Math.min(refused, accepted)).toBeGreaterThan(50)
  }, 60_000)
})

describe('wholeLines', () => {
  test('gives the same bytes in blocks that end with a line feed', async () => {
    const texts = fc.string({ unit: fc.constantFrom('a', ',', '\n', '\r'), maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(texts, cuts(), async (text, sizes) => {
        const blocks: string[] = []
        for await (const block of wholeLines(pieces(Buffer.from(text), sizes))) blocks.push(block.toString())
        expect(blocks.join('')).toBe(text === '' || text.endsWith('\n') ? text : `${text}\n`)
        expect(blocks.every((block) => block.endsWith('\n'))).toBe(true)
      }),
    )
  })

  test('gives the beginning of a line that is too long, and goes on behind it', async () => {
    const text = `a\n${'7'.repeat(100_000)}\nb\n`
    const blocks: string[] = []
    for await (const block of wholeLines(
      pieces(
        Buffer.from(text),
        Array.from({ length: 50 }, () => 3000),
      ),
    )) {
      blocks.push(block.toString())
    }
    expect(
      blocks
        .join('')
        .split('\n')
        .map((line) => Math.min(line.length, 65_537)),
    ).toEqual([1, 65_537, 1, 0])
  })

  test('does not wait for the end of a line that never ends', async () => {
    let given = 0
    async function* endless(): AsyncGenerator<Uint8Array, void, undefined> {
      for (;;) {
        given++
        yield Buffer.alloc(1000, '7')
      }
    }
    const blocks = wholeLines(endless())
    expect((await blocks.next()).value).toHaveLength(66_001)
    expect(given).toBe(66)
  })
})

test('a line that never ends is refused before its end, by its number', async () => {
  const format = formatFor(parseDatasetId('binance/um/fundingRate/BTCUSDT'))
  const csv = { format, columns: format.columns, period: parsePeriod('2025-03') }
  async function* chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    yield Buffer.from(`${csv.period.from / 1000},8,0.1\n`)
    for (;;) yield Buffer.alloc(10_000, '7')
  }
  const reading = collect({ ...csv, text: '', rows: 0 }, { chunks: chunks(), batchRows: 5 })
  await expect(reading).rejects.toThrow('x.csv line 2 is longer than 64 KiB')
})

interface Collected {
  readonly rows: ReferenceRow[]
  readonly report: ParseReport
  /** The first line of each batch. */
  readonly lines: number[]
}

async function collect(
  csv: ArbitraryCsv,
  options: Pick<CsvOptions<TypeMap>, 'chunks' | 'batchRows'>,
): Promise<Collected> {
  const { format, period } = csv
  const batches = parseCsv({
    schema: tableSchema(format.dataType),
    ...options,
    dataset: csvDataset(format),
    format,
    period,
    file: 'x.csv',
    rowSource: 'archive',
  })
  const rows: ReferenceRow[] = []
  const lines: number[] = []
  for (;;) {
    const { value, done } = await batches.next()
    if (done === true) return { rows, report: value, lines }
    rows.push(...tableRows(value.table))
    lines.push(value.firstLine)
  }
}

function inexactOf({ text, format, columns }: ArbitraryCsv): Record<string, number> {
  const counts: Record<string, number> = {}
  const lines = text.replace('\ufeff', '').trimEnd().split(/\r?\n/)
  const hasHeader = format.header !== 'absent' && !/^\d/.test(lines[0] ?? '')
  for (const line of hasHeader ? lines.slice(1) : lines) {
    for (const [index, cell] of line.split(',').entries()) {
      const { kind, to = '', unit, emptyAs = '' } = columns[index] ?? { kind: 'ignored' }
      if (['', '""', emptyAs].includes(cell) || to === '') continue
      const isLong =
        kind === 'time'
          ? (unit === 'seconds' && /[1-9]/.test(cell.split('.')[1]?.slice(6) ?? '')) ||
            (unit === 'nanoseconds' && !cell.endsWith('000'))
          : kind === 'decimal' || kind === 'signed-size'
            ? plainDecimal(cell) !== plainDecimal(String(Number(cell)))
            : false
      if (isLong) counts[to] = (counts[to] ?? 0) + 1
    }
  }
  return counts
}

/** Sizes of chunks; what follows them is one chunk. */
function cuts(): fc.Arbitrary<number[]> {
  return fc.oneof(
    fc.constant<number[]>([]),
    fc.array(fc.nat(60)),
    fc.integer({ min: 1, max: 9 }).map((size) => Array.from({ length: 5000 }, () => size)),
  )
}

async function* pieces(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Uint8Array, void, undefined> {
  let start = 0
  for (const size of sizes) {
    if (start >= bytes.length) return
    yield bytes.subarray(start, start + size)
    start += size
  }
  yield bytes.subarray(start)
}
