import { LakeError, parseDatasetId, parsePeriod } from '@lake/core'
import { describe, expect, test, vi } from 'vitest'
import { parseArchiveFile } from './index.ts'
import * as plainRows from './plain-rows.ts'
import { FUZZ_SEED, FUZZ_TIMES } from './testing/fuzz-length.ts'
import { mutated } from './testing/mutate.ts'
import { randomNumbers } from './testing/random-numbers.ts'
import { formatFor } from './testing/real-files.ts'
import { referenceRows } from './testing/reference.ts'
import { tableRows } from './testing/table-rows.ts'

/*
 * Rows behind enough plain ones that the loop over plain rows is at them, with bytes changed anywhere. What comes out is
 * compared with what the readers of the columns make of the same bytes while the loop takes no row, to the last number
 * of the report or the last word of the error, and with the slow reference.
 */
vi.mock('./plain-rows.ts', { spy: true })

const period = parsePeriod('2024-01-01')
const START = period.from / 1000
const AHEAD = 20
const ROUNDS = 700

const FILES = [
  {
    id: 'binance/um/klines/BTCUSDT/1m',
    line: (at: number, n: number) =>
      `${at},4${n}.50,5${n}.1,3${n},4${n}.25,${n}.001,${at + 59_999},1${n}.5,${n},0.${n},${n}.00000001,0`,
  },
  {
    id: 'binance/um/premiumIndexKlines/BTCUSDT/1m',
    line: (at: number, n: number) => `${at},-0.000${n},0.0${n},-0.${n},0.00000000,0,${at + 59_999},0,12,0,0,0`,
  },
  {
    id: 'binance/spot/aggTrades/BTCUSDT',
    line: (at: number, n: number) =>
      `${3e9 + n},4${n}.01000000,0.${n},${9_007_199_254_739_900 + n},${6e9 + n},${at},${n % 3 === 0 ? 'True' : 'False'},true`,
  },
] as const

describe.each(FILES)('$id', ({ id, line }) => {
  test(
    'is the same with the loop over plain rows and without it',
    async () => {
      const dataset = parseDatasetId(id)
      const format = formatFor(dataset)
      const random = randomNumbers(FUZZ_SEED + 3)
      const lines = Array.from({ length: AHEAD + 30 }, (_, row) => `${line(START + row * 60_000, 100 + random(900))}\n`)
      const [ahead, behind] = [lines.slice(0, AHEAD).join(''), lines.slice(AHEAD).join('')]
      const met = { right: 0, refused: 0 }
      for (let round = 0; round < ROUNDS * FUZZ_TIMES; round++) {
        const bytes = Buffer.concat([Buffer.from(ahead), mutated(Buffer.from(behind), random)])
        const read = async (): Promise<unknown> => {
          const formats = [{ ...format, container: 'csv' as const }]
          try {
            const { table, report } = await parseArchiveFile({ bytes, name: 'x.csv', dataset, period, formats })
            return { rows: tableRows(table), report }
          } catch (error) {
            if (LakeError.is(error)) return { code: error.code, message: error.message, details: error.details }
            throw error
          }
        }
        const loop = vi.mocked(plainRows.readPlainRows)
        loop.mockClear()
        const fast = await read()
        // The loop was at the rows that were changed, or at the one in front of them.
        const [first] = loop.mock.results
        expect(first?.type === 'return' ? first.value.row : 0).toBeGreaterThanOrEqual(AHEAD - 1)
        loop.mockImplementation((_, { row, position }) => ({ row, last: position, position, repeated: 0 }))
        const slow = await read()
        loop.mockRestore()
        const place = JSON.stringify(bytes.toString('latin1', ahead.length))
        expect(fast, place).toEqual(slow)
        const expected = referenceRows(bytes.toString('utf8'), format, period, dataset)
        if (expected === undefined) expect(fast, place).toHaveProperty('code')
        else expect(fast, place).toHaveProperty('rows', expected)
        met[expected === undefined ? 'refused' : 'right']++
      }
      expect(Math.min(met.right, met.refused)).toBeGreaterThan(30)
    },
    60_000 * FUZZ_TIMES,
  )
})
