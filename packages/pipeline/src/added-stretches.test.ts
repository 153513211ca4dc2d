import { property, record, array, boolean, integer, assert } from 'fast-check'
import { expect, test } from 'vitest'
import { addedStretches } from './added-stretches.ts'

const times = (...values: readonly number[]): Float64Array => Float64Array.from(values)

test('leaving out the stretches gives the version before, whatever was added', () => {
  const rows = array(record({ step: integer({ min: 1, max: 5 }), isOld: boolean() }), { maxLength: 60 })
  assert(
    property(rows, (steps) => {
      let at = 0
      const all = steps.map(({ step, isOld }) => ({ time: (at += step), isOld }))
      const before = all.filter(({ isOld }) => isOld).map(({ time }) => time)
      const added = addedStretches(times(...before), times(...all.map(({ time }) => time))) ?? []
      const isHidden = (time: number): boolean => added.some(({ from, to }) => from <= time && time < to)
      expect(all.map(({ time }) => time).filter((time) => !isHidden(time))).toEqual(before)
    }),
  )
})

test('rows at one time are told apart by nobody: neither before, nor after, nor when some are gone', () => {
  expect(addedStretches(times(1, 2), times(1, 2, 2, 3))).toBeUndefined()
  expect(addedStretches(times(2, 2), times(1, 2, 2, 2))).toBeUndefined()
  expect(addedStretches(times(1, 2), times(2, 3))).toBeUndefined()
  expect(addedStretches(times(2, 2), times(1, 2, 2, 3, 3))).toEqual([
    { from: 1, to: 2 },
    { from: 3, to: 4 },
  ])
})
