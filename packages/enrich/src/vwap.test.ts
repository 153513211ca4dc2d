import { LakeError } from '@lake/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { vwap } from './vwap.ts'

const one = (
  volume: number,
  quoteVolume: number,
  low: number,
  high: number,
  contractSize?: number,
): number | undefined =>
  vwap({
    volume: Float64Array.of(volume),
    quoteVolume: Float64Array.of(quoteVolume),
    low: Float64Array.of(low),
    high: Float64Array.of(high),
    contractSize,
  })[0]

describe('vwap', () => {
  test('is the quote volume by the volume', () => {
    expect(one(2, 21, 10, 11)).toBe(10.5)
  })

  test('turns contracts by their size', () => {
    // A day of BTCUSD_PERP that the venue published: 2,067,959 contracts of 100 USD, 12,496.62852978 BTC.
    expect(one(2_067_959, 12_496.62852978, 16_486.6, 16_615.9, 100)).toBeCloseTo(16_548.13, 1)
  })

  test('is clipped to the prices of the bar', () => {
    expect(one(3, 0.30000001, 0.1, 0.1)).toBe(0.1)
    expect(one(3, 0.29999999, 0.1, 0.1)).toBe(0.1)
  })

  test.each([
    [0, 0, 1, 1, undefined],
    [0, 5, 1, 1, undefined],
    [Number.NaN, 5, 1, 1, undefined],
    [5, Number.NaN, 1, 1, undefined],
    [5, 5, Number.NaN, 1, undefined],
    [5, 5, 1, Number.NaN, undefined],
    [0, 5, 1, 1, 100],
    [5, 0, 1, 1, 100],
    [0, 0, 1, 1, 100],
    [5, Number.NaN, 1, 1, 100],
  ] as const)(
    'is NaN for volume %d, quote volume %d, low %d, high %d, contract size %d',
    (volume, quote, low, high, size) => {
      expect(one(volume, quote, low, high, size)).toBeNaN()
    },
  )

  test('writes into the array it is given, even one of its inputs', () => {
    const volume = Float64Array.of(1, 0, 4)
    const quoteVolume = Float64Array.of(2, 0, 6)
    const [low, high] = [Float64Array.of(1, 1, 1), Float64Array.of(3, 3, 3)]
    const out = new Float64Array(3)
    expect(vwap({ volume, quoteVolume, low, high, out })).toBe(out)
    expect(out).toEqual(Float64Array.of(2, Number.NaN, 1.5))
    expect(vwap({ volume, quoteVolume, low, high, out: volume })).toEqual(Float64Array.of(2, Number.NaN, 1.5))
  })

  test('refuses arrays of unequal length and sizes that are none', () => {
    const values = new Float64Array(2)
    const input = { volume: values, quoteVolume: values, low: values, high: values }
    expect(() => vwap({ ...input, out: new Float64Array(1) })).toThrow('out has 1 values, volume has 2')
    for (const contractSize of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => vwap({ ...input, contractSize })).toThrow(LakeError)
    }
  })

  test('lies within the prices whatever the volumes', () => {
    const positive = fc.double({ min: 1e-8, max: 1e12, noNaN: true })
    fc.assert(
      fc.property(positive, positive, positive, positive, fc.boolean(), (volume, quote, a, b, isCoin) => {
        const price = one(volume, quote, Math.min(a, b), Math.max(a, b), isCoin ? 10 : undefined)
        expect(price).toBeGreaterThanOrEqual(Math.min(a, b))
        expect(price).toBeLessThanOrEqual(Math.max(a, b))
      }),
    )
  })
})
