import { gzipSync } from 'node:zlib'
import { LakeError, tableSchema } from '@lake/core'
import type { Schema } from 'apache-arrow'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseArchiveFile, type ParseFileOptions, type SharedFile } from './index.ts'
import { parseCsv } from './parse-csv.ts'
import { allFormats, type ArbitraryCsv, arbitraryCsv, csvDataset } from './testing/arbitrary-csv.ts'
import { FUZZ_SEED, IS_NIGHT } from './testing/fuzz-length.ts'
import { makeZip } from './testing/make-zip.ts'
import { mutated } from './testing/mutate.ts'
import { randomNumbers } from './testing/random-numbers.ts'
import { referenceRows, type ReferenceRow } from './testing/reference.ts'
import { tableRows } from './testing/table-rows.ts'

/*
 * Files of every format and era with bytes changed anywhere: what the parser takes is what a slow and obvious parser
 * takes, with numbers as float64 and as exact decimals, and everything else ends in a LakeError. Some hundred files in the suite; for ten minutes, and with another
 * seed each time, under LAKE_NIGHTLY=1.
 */
const MINUTES = 10
const ROUNDS = 1200
const TIMEOUT = (MINUTES + 2) * 60_000

test(
  'changed files of every format are read as the reference reads them, or refused',
  async () => {
    const seed = FUZZ_SEED + 1
    const random = randomNumbers(seed)
    const met = new Set<string>()
    let right = 0
    let refused = 0
    for (const csv of files(seed)) {
      const content = random(5) === 0 ? Buffer.from(csv.text) : mutated(Buffer.from(csv.text), random)
      const size = 1 + random(60)
      for (const exact of [false, true]) {
        const expected = referenceRows(content.toString('utf8'), csv.format, csv.period, undefined, { exact })
        const result = await rowsOf(csv, content, { size, exact })
        const place = `seed ${seed}, ${csv.format.id}, exact ${exact}: ${JSON.stringify(content.toString('latin1'))}`
        if (expected === undefined) {
          refused++
          expect(LakeError.is(result) && result.code, place).toMatch(/^(BAD_ROW|BAD_FORMAT|WRONG_FILE)$/)
        } else {
          right++
          expect(result, place).toEqual(expected)
        }
      }
      met.add(csv.format.id)
    }
    expect(Math.min(right, refused)).toBeGreaterThan(100)
    expect(met).toEqual(new Set(allFormats.map(({ id }) => id)))
  },
  TIMEOUT,
)

test(
  'changed files of many instruments give the rows of one as the reference finds them, or are refused',
  async () => {
    const seed = FUZZ_SEED + 3
    const random = randomNumbers(seed)
    let [right, without, refused] = [0, 0, 0]
    for (const csv of files(seed)) {
      if (!csv.columns.some(({ kind }) => kind === 'symbol')) continue
      const text = amongOthers(csv, random)
      const content = random(2) === 0 ? Buffer.from(text) : mutated(Buffer.from(text), random)
      const expected = referenceRows(content.toString('utf8'), csv.format, csv.period, undefined, { namesBegin: 'BTC' })
      const shared = { namesBegin: 'BTC' }
      const result = await rowsOf(csv, content, { size: 1 + random(60), exact: false, shared })
      const place = `seed ${seed}, ${csv.format.id}: ${JSON.stringify(content.toString('latin1'))}`
      if (expected === undefined) {
        refused++
        expect(LakeError.is(result) && result.code, place).toMatch(/^(BAD_ROW|BAD_FORMAT|WRONG_FILE)$/)
      } else {
        if (expected.length === 0) without++
        right++
        expect(result, place).toEqual(expected)
      }
    }
    expect(Math.min(right, refused)).toBeGreaterThan(30)
    expect(without).toBeGreaterThan(0)
  },
  TIMEOUT,
)

/** A CSV with the rows of others, whose names begin alike, between its own, of which some may be gone. */
function amongOthers({ text, format, columns }: ArbitraryCsv, random: (below: number) => number): string {
  const newLine = text.includes('\r\n') ? '\r\n' : '\n'
  const others = ['BTCUSDT2', 'BTCUSD', 'BTCUSDTX', 'BTC', 'BTCUSDTUSDT']
  const isKept = random(8) > 0
  const [delimiter, cell] = [format.delimiter ?? ',', columns.findIndex(({ kind }) => kind === 'symbol')]
  const lines = text.split(newLine).flatMap((line) => {
    const cells = line.split(delimiter)
    if (cells[cell] !== 'BTCUSDT') return [line]
    const foreign = Array.from({ length: random(4) + (isKept ? 0 : 1) }, () =>
      cells.with(cell, others[random(others.length)] ?? '').join(delimiter),
    )
    return random(2) === 0 ? [...(isKept ? [line] : []), ...foreign] : [...foreign, ...(isKept ? [line] : [])]
  })
  return lines.join(newLine)
}

test(
  'changed containers of every format are refused, or hold the same rows',
  async () => {
    const seed = FUZZ_SEED + 2
    const random = randomNumbers(seed)
    for (const csv of files(seed)) {
      const { container } = csv.format
      if (container === 'csv') continue
      const dataset = csvDataset(csv.format)
      const content = Buffer.from(csv.text)
      const whole = container === 'gzip-csv' ? gzipSync(content) : makeZip([{ name: 'x.csv', content }])
      const name = container === 'gzip-csv' ? 'x.csv.gz' : 'x.zip'
      const file: ParseFileOptions<typeof dataset.dataType> = {
        ...{ name, dataset, period: csv.period, formats: [csv.format], bytes: mutated(whole, random) },
      }
      const result: unknown = await parseArchiveFile(file).catch((error: unknown) => error)
      const place = `seed ${seed}, ${csv.format.id}: ${file.bytes.toString()}`
      if (LakeError.is(result)) expect(result.code, place).toMatch(/^(BAD_ARCHIVE|WRONG_FILE|BAD_ROW|BAD_FORMAT)$/)
      else
        expect(tableRows((await parseArchiveFile(file)).table), place).toEqual(
          await rowsOf(csv, content, { size: 1e6, exact: false }),
        )
    }
  },
  TIMEOUT,
)

/** Files one by one: a fixed number, or until the night's minutes are over. */
function* files(seed: number): Generator<ArbitraryCsv, void, undefined> {
  const end = Date.now() + (MINUTES * 60_000) / 2
  for (let round = 0; IS_NIGHT ? Date.now() < end : round < ROUNDS / 100; round++) {
    yield* fc.sample(arbitraryCsv, { numRuns: 100, seed: seed + round })
  }
}

interface Reading {
  /** Bytes of a chunk. */
  readonly size: number
  /** Whether decimals are exact. */
  readonly exact: boolean
  readonly shared?: SharedFile | undefined
}

async function rowsOf(csv: ArbitraryCsv, content: Buffer, { size, exact, shared }: Reading): Promise<unknown> {
  async function* chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size)
  }
  const { format, period } = csv
  const dataset = csvDataset(format)
  const rows: ReferenceRow[] = []
  try {
    const options = { chunks: chunks(), file: 'x.csv', dataset, format, period, shared, batchRows: 7 }
    const { dataType } = dataset
    const schema: Schema = exact ? tableSchema(dataType, { decimals: 'exact' }) : tableSchema(dataType)
    for await (const { table } of parseCsv({ ...options, schema, rowSource: 'archive' })) rows.push(...tableRows(table))
    return rows
  } catch (error) {
    return error
  }
}
