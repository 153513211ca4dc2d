import { LakeError, type PageFormat, parseDatasetId, type SourceColumn } from '@lake/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parsePageTables } from '../index.ts'
import { FUZZ_SEED, FUZZ_TIMES } from '../testing/fuzz-length.ts'
import { makePage } from '../testing/make-page.ts'
import { forceOrders, fundingPages, klinePages, nestedLiquidations, tradePages } from '../testing/page-formats.ts'
import { randomNumbers } from '../testing/random-numbers.ts'
import { mutated } from '../testing/mutate.ts'
import { pageReferenceRows } from '../testing/page-reference.ts'
import { recordedFrames } from '../testing/recorded.ts'
import type { ReferenceRow } from '../testing/reference.ts'
import { tableRows } from '../testing/table-rows.ts'
import { plainDecimal } from '../testing/reference-value.ts'

const CASES = [
  { format: klinePages, dataset: 'binance/um/klines/BTCUSDT/1m' },
  { format: tradePages, dataset: 'binance/um/aggTrades/BTCUSDT' },
  { format: fundingPages, dataset: 'binance/um/fundingRate/BTCUSDT' },
  { format: forceOrders, dataset: 'binance/um/liquidations/BTCUSDT' },
  { format: nestedLiquidations, dataset: 'okx/um/liquidations/BTCUSDT' },
] as const

async function parse(format: PageFormat, dataset: string, body: string | Uint8Array): Promise<ReferenceRow[]> {
  const { tables } = await parsePageTables({
    pages: [makePage({ dataset, series: format.id, body })],
    dataset: parseDatasetId(dataset),
    series: [{ id: format.id, format }],
  })
  return tables.flatMap(({ table }) => tableRows(table))
}

/** A cell as JSON, and what silver must hold for it. */
interface Cell {
  readonly json: string
  readonly value: bigint | boolean | string | null
}

const digits = (most: number) =>
  fc.array(fc.nat(9), { minLength: 1, maxLength: most }).map((all) => all.join('').replace(/^0+(?=\d)/, ''))

/** Decimals in every spelling: quoted or not, with zeros behind, and as JSON numbers with an exponent. */
function decimalCell(signed: boolean): fc.Arbitrary<Cell> {
  return fc
    .record({
      minus: fc.boolean(),
      whole: digits(9),
      places: fc.option(digits(9)),
      exponent: fc.option(fc.integer({ min: -12, max: 12 })),
      quoted: fc.boolean(),
    })
    .map(({ minus, whole, places, exponent, quoted }) => {
      const sign = signed && minus ? '-' : ''
      const plain = `${sign}${whole}${places === null ? '' : `.${places}`}`
      const scientific = !quoted && exponent !== null
      const text = scientific ? `${plain}e${exponent}` : plain
      return { json: quoted ? `"${text}"` : text, value: plainDecimal(String(Number(text))) }
    })
}

function cellOf(column: SourceColumn): fc.Arbitrary<Cell> {
  const filled = filledCell(column)
  const absent = fc.constantFrom('null', '""').map((json): Cell => ({ json, value: null }))
  return column.nullable === true ? fc.oneof(filled, absent) : filled
}

function filledCell(column: SourceColumn): fc.Arbitrary<Cell> {
  const quotes = (text: string): fc.Arbitrary<string> => fc.constantFrom(text, `"${text}"`)
  switch (column.kind) {
    case 'time':
      return fc
        .tuple(fc.integer({ min: 1_600_000_000_000, max: 1_800_000_000_000 }), fc.constantFrom(1n, 1000n))
        .chain(([millis, perUnit]) => {
          const micros = BigInt(millis) * 1000n
          return quotes(`${micros / perUnit}`).map((json) => ({ json, value: micros }))
        })
    case 'integer':
      return fc
        .bigInt({ min: 0n, max: 2n ** 63n - 1n })
        .chain((value) => quotes(String(value)).map((json) => ({ json, value })))
    case 'decimal':
      return decimalCell(column.signed ?? false)
    case 'flag':
      return fc.boolean().chain((value) => quotes(String(value)).map((json) => ({ json, value })))
    case 'buyer-maker':
      return fc.boolean().map((maker) => ({ json: String(maker), value: maker ? 'sell' : 'buy' }))
    case 'word':
      return fc
        .constantFrom(...Object.entries(column.words ?? {}))
        .map(([json, value]) => ({ json: `"${json}"`, value }))
    case 'text':
      return fc
        .string({ minLength: 1, maxLength: 5, unit: 'grapheme' })
        .map((value) => ({ json: JSON.stringify(value), value }))
    case 'symbol':
      return fc.constantFrom({ json: '"BTCUSDT"', value: null }, { json: '"\\u0042TCUSDT"', value: null })
    case 'ignored':
      return fc.json().map((json) => ({ json, value: null }))
    default:
      throw new Error(`${column.kind} is for files`)
  }
}

/** A row as named cells; nested names become objects. */
function objectJson(cells: readonly (readonly [string, string])[]): string {
  const own = cells.filter(([name]) => !name.includes('.')).map(([name, json]) => `${JSON.stringify(name)} : ${json}`)
  const groups = new Map<string, [string, string][]>()
  for (const [name, json] of cells) {
    const [group = '', ...rest] = name.split('.')
    if (rest.length > 0) groups.set(group, [...(groups.get(group) ?? []), [rest.join('.'), json]])
  }
  const inner = [...groups].map(([name, members]) => `${JSON.stringify(name)}:${objectJson(members)}`)
  return `{${[...own, ...inner].join(' ,\n')}}`
}

function pageOf(format: PageFormat): fc.Arbitrary<{ json: string; rows: ReferenceRow[] }> {
  const columns = format.columns
  const row = fc.record({
    cells: fc.tuple(...columns.map(cellOf)),
    order: fc.shuffledSubarray([...columns.keys()], { minLength: columns.length }),
    extra: fc.json(),
  })
  return fc.array(row, { minLength: 1, maxLength: 8 }).map((all) => {
    const used = format.shape === 'single' ? all.slice(0, 1) : all
    const rows = used.map(({ cells }) =>
      Object.fromEntries(columns.flatMap(({ to }, at) => (to === undefined ? [] : [[to, cells[at]?.value ?? null]]))),
    )
    const texts = used.map(({ cells, order, extra }) => {
      if (format.shape === 'array') return `[${cells.map(({ json }) => json).join(', ')},${extra}]`
      const named = order.map((at): [string, string] => [columns[at]?.name ?? '', cells[at]?.json ?? ''])
      return objectJson([...named, ['e', '"forceOrder"'], ['unknown', extra]])
    })
    return { json: wrapped(format, texts), rows }
  })
}

function wrapped(format: PageFormat, rows: readonly string[]): string {
  if (format.shape === 'single') return `{"stream":"x","data":${rows.join('')}}`
  const list = ` [${rows.join(',')}]\n`
  if (format.rows.length === 0) return list
  return `{"data":[{"details":${list},"instId":"BTCUSDT"}],"arg":{"channel":"liquidation-orders"}}`
}

describe.each(CASES)('$format.id', ({ format, dataset }) => {
  test('a generated page reads back as what it was written from', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(pageOf(format), async ({ json, rows }) => {
        const read = await parse(format, dataset, json)
        expect(read).toHaveLength(rows.length)
        for (const [index, row] of rows.entries()) expect(read[index]).toMatchObject(row)
      }),
      { numRuns: 300 },
    )
  })

  test('a generated page reads as the slow reference reads it', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(pageOf(format), async ({ json }) => {
        expect(await parse(format, dataset, json)).toEqual(pageReferenceRows(json, format, dataset))
      }),
      { numRuns: 200 },
    )
  })

  test(
    'damaged bytes end in a LakeError, or in the rows that the reference sees',
    async () => {
      const random = randomNumbers(FUZZ_SEED + 7)
      const [sample] = fc.sample(pageOf(format), { numRuns: 1, seed: 3 })
      const whole = Buffer.from(sample?.json ?? '')
      const codes = new Set<string>()
      for (let round = 0; round < 3000 * FUZZ_TIMES; round++) {
        const bytes = mutated(whole, random, TELLING)
        const result = await parse(format, dataset, bytes).catch((error: unknown) => error)
        if (LakeError.is(result)) codes.add(result.code)
        else {
          expect(result).toEqual(pageReferenceRows(bytes.toString('utf8'), format, dataset))
          codes.add('rows')
        }
      }
      expect(codes).toContain('rows')
      expect(codes).toContain('BAD_FORMAT')
      expect([...codes].filter((code) => !['rows', 'BAD_FORMAT', 'BAD_ROW', 'WRONG_FILE'].includes(code))).toEqual([])
    },
    60_000 * FUZZ_TIMES,
  )
})

test(
  'damaged frames end in a LakeError or in rows, and never hang',
  async () => {
    const random = randomNumbers(FUZZ_SEED + 11)
    const body = Buffer.from(recordedFrames().slice(0, 4).join('\n'))
    const dataset = parseDatasetId('binance/um/liquidations/STGUSDT')
    for (let round = 0; round < 3000 * FUZZ_TIMES; round++) {
      const page = makePage({
        dataset: 'binance/um/liquidations/STGUSDT',
        series: 'force-orders',
        body: mutated(body, random, TELLING),
        lines: true,
      })
      const series = [{ id: 'force-orders', format: forceOrders }]
      const result = await parsePageTables({ pages: [page], dataset, series }).catch((error: unknown) => error)
      if (!LakeError.is(result)) expect(result).toHaveProperty('report')
    }
  },
  60_000 * FUZZ_TIMES,
)

/** Bytes that mean something in JSON. */
const TELLING = Buffer.from('0123456789.,-+eE\n"\\{}[]:truefalsn u\u0000ÿ')
