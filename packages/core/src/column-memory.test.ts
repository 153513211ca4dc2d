import { expect, test } from 'vitest'
import { createColumnMemory } from './column-memory.ts'

test('memory is given again once it may be, where it is about as large as asked for', () => {
  const memory = createColumnMemory()
  const first = memory.take(1000)
  expect(first.byteLength).toBeGreaterThanOrEqual(1000)
  expect(memory.take(1000)).not.toBe(first)
  memory.reuse()
  expect(memory.take(900)).toBe(first)
  expect(memory.take(100).byteLength).toBeLessThan(200)
})

test('so much memory is kept for the next tables and no more', () => {
  const memory = createColumnMemory()
  const taken = new Set(Array.from({ length: 40 }, () => memory.take(2 ** 20)))
  memory.reuse()
  const again = Array.from({ length: 40 }, () => memory.take(2 ** 20)).filter((one) => taken.has(one))
  const kept = again.reduce((sum, { byteLength }) => sum + byteLength, 0)
  expect(kept).toBeGreaterThan(8 * 2 ** 20)
  expect(kept).toBeLessThanOrEqual(2 ** 24)
  const large = memory.take(2 ** 21)
  memory.reuse()
  expect(memory.take(2 ** 21)).not.toBe(large)
})

test('memory that another thread had is given again, under whatever object it comes back', () => {
  const memory = createColumnMemory()
  const first = memory.take(1000)
  const back = structuredClone(first, { transfer: [first] })
  expect(first.byteLength).toBe(0)
  memory.give(back)
  expect(memory.take(1000)).not.toBe(back)
  memory.reuse()
  expect(memory.take(1000)).toBe(back)
  const large = new ArrayBuffer(2 ** 21)
  memory.give(large)
  memory.reuse()
  expect(memory.take(2 ** 21)).not.toBe(large)
})

test('more is kept on request', () => {
  const memory = createColumnMemory({ mostKept: 2 ** 25 })
  const large = memory.take(2 ** 21)
  memory.reuse()
  expect(memory.take(2 ** 21)).toBe(large)
})
