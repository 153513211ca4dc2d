import { setTimeout as sleep } from 'node:timers/promises'
import { LakeError, type ObjectStore } from '@lake/core'
import { memoryStore } from '@lake/storage'
import { describe, expect, test } from 'vitest'
import { lowerFlag, raiseFlag } from './copying-flags.ts'
import { untilNobodyCopies, withSoleCopier } from './sole-copier.ts'

/** Raised on a machine that this process knows nothing of. */
const FOREIGN = '_lake/copying/0-0123456789ab-1-1-cafe0123.json'
const NOTHING = new Uint8Array(0)

describe('withSoleCopier', () => {
  test('lets one work after the other, also those that were there first', async () => {
    const target = memoryStore()
    let working = 0
    let most = 0
    const work = async (): Promise<void> => {
      most = Math.max(most, ++working)
      await sleep(5)
      working--
    }
    await Promise.all(Array.from({ length: 6 }, async () => withSoleCopier(target, work)))
    expect([most, working]).toEqual([1, 0])
    expect(await flagsIn(target)).toEqual([])
  })

  test('lowers its flag also when the work fails', async () => {
    const target = memoryStore()
    const failing = withSoleCopier(target, async () => Promise.reject(new Error('no')))
    await expect(failing).rejects.toThrow('no')
    expect(await flagsIn(target)).toEqual([])
  })

  test('waits for a process of another machine as long as that raises its flag anew', async () => {
    const target = memoryStore()
    let hasEnded = false
    const others = (async () => {
      for (let time = 0; time < 8; time++) {
        await target.put(FOREIGN, new TextEncoder().encode(String(time)))
        await sleep(100)
      }
      hasEnded = true
      await target.delete(FOREIGN)
    })()
    await sleep(10)
    const seen = await withSoleCopier(target, async () => Promise.resolve(hasEnded), undefined, { staleMillis: 600 })
    await others
    expect(seen).toBe(true)
  })

  test('takes away the flag of a process that has ended: at once on this machine, after a while on another one', async () => {
    const target = memoryStore()
    const own = await raiseFlag(target, 1)
    // No process has the number 0x7fffffff.
    const dead = own.replace(new RegExp(`-${process.pid}-`), '-2147483647-')
    await lowerFlag(target, own)
    for (const key of [dead, FOREIGN]) await target.put(key, NOTHING)
    await withSoleCopier(target, async () => Promise.resolve(), undefined, { staleMillis: 300 })
    expect(await flagsIn(target)).toEqual([])
  })

  test('does nothing when the others come to no end, and says which flag is up', async () => {
    const target = memoryStore()
    await target.put(FOREIGN, NOTHING)
    const waiting = withSoleCopier(target, async () => Promise.reject(new Error('begun')), undefined, { waitMillis: 1 })
    await expect(waiting).rejects.toMatchObject({ code: 'CONFLICT', details: { key: FOREIGN } })
    expect(await flagsIn(target)).toEqual([FOREIGN])
  })

  test('stops waiting on an abort, and leaves no flag', async () => {
    const target = memoryStore()
    await target.put(FOREIGN, NOTHING)
    const abort = new AbortController()
    const reason = new Error('enough')
    setTimeout(() => { abort.abort(reason) }, 20) // prettier-ignore
    await expect(withSoleCopier(target, async () => Promise.resolve(), abort.signal)).rejects.toBe(reason)
    expect(await flagsIn(target)).toEqual([FOREIGN])
  })

  test('ends the work when the bucket can no longer be told that it goes on', async () => {
    const inner = memoryStore()
    let puts = 0
    const target: ObjectStore = {
      ...inner,
      put: async (key, body, options) => {
        if (++puts > 1) throw new LakeError('UNAVAILABLE', 'down')
        return inner.put(key, body, options)
      },
    }
    const work = async (signal: AbortSignal): Promise<void> => {
      await sleep(5000, undefined, { signal }).catch(() => {
        signal.throwIfAborted()
      })
    }
    const ended = withSoleCopier(target, work, undefined, { staleMillis: 200 })
    await expect(ended).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining('0.1 s') as unknown,
    })
  })
})

describe('untilNobodyCopies', () => {
  test('costs one look where nobody does', async () => {
    expect(await untilNobodyCopies(memoryStore())).toBe(false)
  })

  test('waits for those who may have looked before, and not for those who look later', async () => {
    const target = memoryStore()
    await target.put(FOREIGN, NOTHING)
    const later = FOREIGN.replace('/0-', '/1-')
    setTimeout(() => {
      void target.put(later, NOTHING).then(async () => target.delete(FOREIGN))
    }, 50)
    expect(await untilNobodyCopies(target)).toBe(true)
    expect(await flagsIn(target)).toEqual([later])
  })

  test('says so when they come to no end', async () => {
    const target = memoryStore()
    await target.put(FOREIGN, NOTHING)
    const waiting = untilNobodyCopies(target, undefined, { waitMillis: 1 })
    await expect(waiting).rejects.toMatchObject({ code: 'CONFLICT', details: { key: FOREIGN } })
  })
})

async function flagsIn(target: ObjectStore): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of target.list({ prefix: '_lake/copying/' })) keys.push(key)
  return keys
}
