import { LakeError } from '@lake/core'
import { describe, expect, test } from 'vitest'
import { parseArchiveFile } from './index.ts'
import { FUZZ_SEED, FUZZ_TIMES } from './testing/fuzz-length.ts'
import { makeZip } from './testing/make-zip.ts'
import { mutated } from './testing/mutate.ts'
import { randomNumbers } from './testing/random-numbers.ts'
import { formatFor, realFile } from './testing/real-files.ts'
import { referenceRows } from './testing/reference.ts'
import { tableRows } from './testing/table-rows.ts'

const FILES = [
  realFile('binance/spot/klines/BTCUSDT/1h', '2026-05-08'),
  realFile('binance/um/fundingRate/BTCUSDT', '2026-04'),
] as const

describe('damaged bytes end in a LakeError, or change nothing that matters', () => {
  test.each(FILES)(
    'of the zip $name',
    async (file) => {
      const random = randomNumbers(FUZZ_SEED + 1)
      const whole = tableRows((await parseArchiveFile(file)).table)
      const codes = new Set<string>()
      for (let round = 0; round < 4000 * FUZZ_TIMES; round++) {
        const bytes = mutated(file.bytes, random)
        const result = await parseArchiveFile({ ...file, bytes }).catch((error: unknown) => error)
        if (LakeError.is(result)) codes.add(result.code)
        else expect(result).toHaveProperty('table')
        if (typeof result === 'object' && result !== null && 'table' in result) {
          const { table } = await parseArchiveFile({ ...file, bytes })
          expect(tableRows(table)).toEqual(whole)
        }
      }
      expect(codes).toEqual(new Set(['BAD_ARCHIVE', 'WRONG_FILE']))
    },
    60_000 * FUZZ_TIMES,
  )

  test.each(FILES)(
    'of the CSV in $name',
    async (file) => {
      const random = randomNumbers(FUZZ_SEED + 2)
      const member = file.name.slice(file.name.lastIndexOf('/') + 1).replace('.zip', '.csv')
      const csv = Buffer.from(file.csv).subarray(0, 1500)
      const format = formatFor(file.dataset)
      const codes = new Set<string>()
      for (let round = 0; round < 3000 * FUZZ_TIMES; round++) {
        const content = mutated(csv, random)
        const bytes = makeZip([{ name: member, content, stored: true }])
        const expected = referenceRows(content.toString('utf8'), format, file.period)
        const result = await parseArchiveFile({ ...file, bytes }).catch((error: unknown) => error)
        if (expected === undefined) {
          expect(LakeError.is(result)).toBe(true)
          if (LakeError.is(result)) codes.add(result.code)
        } else {
          const { table } = await parseArchiveFile({ ...file, bytes })
          expect(tableRows(table)).toEqual(expected)
          codes.add('right')
        }
      }
      expect(codes).toEqual(new Set(['BAD_ROW', 'BAD_FORMAT', 'right']))
    },
    60_000 * FUZZ_TIMES,
  )
})
