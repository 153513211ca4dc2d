import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { mapInOrder } from './map-in-order.ts'

describe('mapInOrder', () => {
  test('gives results in the order of the items, however long each takes', async () => {
    const work = async (millis: number): Promise<number> => sleep(millis, millis)
    expect(await collect(mapInOrder([12, 1, 6, 0], { concurrency: 3, work }))).toEqual([12, 1, 6, 0])
  })

  test('runs as many at once as allowed, and no more', async () => {
    let running = 0
    let most = 0
    const work = async (): Promise<void> => {
      most = Math.max(most, ++running)
      await sleep(1)
      running--
    }
    await collect(mapInOrder(Array.from({ length: 20 }), { concurrency: 4, work }))
    expect(most).toBe(4)
  })

  test('does not run far ahead of a slow reader', async () => {
    let started = 0
    const work = async (item: number): Promise<number> => {
      started++
      return item
    }
    const mapped = mapInOrder(
      Array.from({ length: 100 }, (_, item) => item),
      { concurrency: 2, work },
    )
    await mapped.next()
    await sleep(5)
    expect(started).toBeLessThanOrEqual(10)
    await mapped.return()
  })

  test('starts nothing before it is read', async () => {
    let started = 0
    const mapped = mapInOrder([1], { concurrency: 1, work: async () => started++ })
    await sleep(1)
    expect(started).toBe(0)
    await mapped.return()
    expect(started).toBe(0)
  })

  test('fails at the turn of the item that failed, after the results before it, and aborts the rest', async () => {
    const aborted: number[] = []
    const work = async (item: number, signal: AbortSignal): Promise<number> => {
      if (item === 1) throw new Error('broken')
      if (item === 0) return sleep(5, item)
      return wait(signal, () => aborted.push(item))
    }
    const seen: number[] = []
    await expect(async () => {
      for await (const item of mapInOrder([0, 1, 2, 3, 4, 5], { concurrency: 4, work })) seen.push(item)
    }).rejects.toThrow('broken')
    expect(seen).toEqual([0])
    expect(aborted).toEqual([2, 3])
  })

  test('aborts what runs when the reader stops', async () => {
    const aborted: number[] = []
    const work = async (item: number, signal: AbortSignal): Promise<number> =>
      item === 0 ? item : wait(signal, () => aborted.push(item))
    for await (const item of mapInOrder([0, 1, 2], { concurrency: 3, work })) {
      expect(item).toBe(0)
      break
    }
    expect(aborted).toEqual([1, 2])
  })

  test('throws the reason of an abort, also when everything that was started is done', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const work = async (item: number): Promise<number> => item
    const mapped = mapInOrder([0, 1], { concurrency: 1, work, signal: controller.signal })
    await mapped.next()
    controller.abort(reason)
    await expect(mapped.next()).rejects.toBe(reason)
  })
})

async function wait(signal: AbortSignal, onAbort: () => void): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      onAbort()
      reject(new Error('aborted'))
    })
  })
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = []
  for await (const item of items) out.push(item)
  return out
}
