import { fork } from 'node:child_process'
import { appendFileSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RateBudget } from '@lake/core'
import { build } from 'esbuild'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Clock } from './clock.ts'
import { createRateLimiter } from './rate-limiter.ts'

const MINUTE = 60_000_000
const budget: RateBudget = { id: 'venue', weight: 2400, window: MINUTE }
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lake-rates-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

/** A clock whose sleepers wake in order, each when nothing else is left to do. */
function simulatedClock(start = 1_700_000_000_000_000): Clock & { run(until: number): Promise<void> } {
  let now = start
  let sleepers: { at: number; wake: () => void }[] = []
  return {
    now: () => now,
    sleep: (micros, signal) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted()
        sleepers.push({ at: now + micros, wake: resolve })
        signal?.addEventListener('abort', () => {
          reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'))
        })
      }),
    async run(until) {
      for (;;) {
        for (let turn = 0; turn < 20; turn++) await Promise.resolve()
        sleepers.sort((a, b) => a.at - b.at)
        const next = sleepers[0]
        if (next === undefined || next.at > until) return
        sleepers = sleepers.slice(1)
        now = Math.max(now, next.at)
        next.wake()
      }
    },
  }
}

/** The most that was spent in any window. */
function peak(spent: readonly { at: number; weight: number }[], window: number): number {
  let most = 0
  for (const { at } of spent) {
    let sum = 0
    for (const other of spent) if (other.at >= at && other.at < at + window) sum += other.weight
    most = Math.max(most, sum)
  }
  return most
}

describe('a budget', () => {
  test('of twenty datasets is never exceeded in any window, and nine tenths of it are used', async () => {
    const clock = simulatedClock()
    const start = clock.now()
    const limiter = createRateLimiter({ folder, clock })
    const spent: { at: number; weight: number }[] = []
    const stop = new AbortController()
    const datasets = Array.from({ length: 20 }, async (_, number) => {
      const weight = [1, 2, 5, 10, 20][number % 5] ?? 1
      for (;;) {
        await limiter.acquire(budget, weight, stop.signal)
        spent.push({ at: clock.now(), weight })
        // The answer takes its time.
        await clock.sleep(20_000 + number * 7_000, stop.signal)
      }
    })
    const minutes = 10
    await clock.run(start + minutes * MINUTE)
    stop.abort()
    await Promise.allSettled(datasets)
    expect(peak(spent, MINUTE)).toBeLessThanOrEqual(budget.weight)
    const total = spent.reduce((sum, { weight }) => sum + weight, 0)
    expect(total).toBeGreaterThan(0.9 * minutes * budget.weight)
    // Nobody starves.
    expect(new Set(spent.map(({ weight }) => weight)).size).toBe(5)
  }, 20_000)

  test('is shared with limiters of the same folder, and apart by scope', async () => {
    const clock = simulatedClock()
    const small = { ...budget, weight: 3 }
    const [one, other] = [createRateLimiter({ folder, clock }), createRateLimiter({ folder, clock })]
    await one.acquire(small, 2)
    await other.acquire(small, 1)
    let third = false
    void other.acquire(small, 1).then(() => (third = true))
    await clock.run(clock.now() + MINUTE - 1)
    expect(third).toBe(false)
    await createRateLimiter({ folder, clock, scope: 'http://127.0.0.1:1' }).acquire(small, 3)
    await clock.run(clock.now() + 2 * MINUTE)
    expect(third).toBe(true)
  })

  test('can be given a share, and refuses what never fits', async () => {
    const limiter = createRateLimiter({ folder, share: 0.5, clock: simulatedClock() })
    await expect(limiter.acquire({ ...budget, weight: 10 }, 6)).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      details: { limit: 5, weight: 6 },
    })
    expect(() => createRateLimiter({ folder, share: 0 })).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }))
    expect(() => createRateLimiter({ folder, share: 1.1 })).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }))
  })

  test('takes in what the venue says that others have used', async () => {
    const clock = simulatedClock()
    const limiter = createRateLimiter({ folder, clock })
    await limiter.acquire(budget, 5)
    limiter.learn(budget, { used: 2399 })
    limiter.learn(budget, { used: 2399 })
    await limiter.acquire(budget, 1)
    let waited: number | undefined
    void limiter.acquire(budget, 1).then((claim) => (waited = claim.waited))
    await clock.run(clock.now() + 2 * MINUTE)
    expect(waited).toBeGreaterThanOrEqual(MINUTE)
  })

  test('counts a request that was on its way for long from its answer on', async () => {
    const clock = simulatedClock()
    const limiter = createRateLimiter({ folder, clock })
    const two = { ...budget, weight: 2 }
    const [slow, quick] = [await limiter.acquire(two, 1), await limiter.acquire(two, 1)]
    const start = clock.now()
    void clock.sleep(20_000_000)
    await clock.run(start + 20_000_000)
    limiter.learn(two, { answered: { claim: quick, at: start + 100_000 } })
    limiter.learn(two, { answered: { claim: slow, at: clock.now() } })
    // Another process reads the same of the files.
    const other = createRateLimiter({ folder, clock })
    const at: number[] = []
    for (const one of [limiter, other]) void one.acquire(two, 1).then((claim) => at.push(claim.at - start))
    await clock.run(start + 3 * MINUTE)
    expect(at).toHaveLength(2)
    expect(at[0]).toBeGreaterThanOrEqual(MINUTE)
    expect(at[0]).toBeLessThan(MINUTE + 2_000_000)
    expect(at[1]).toBeGreaterThanOrEqual(20_000_000 + MINUTE)
  })

  test('serves whoever came first, and an abort does not wait for its turn', async () => {
    const clock = simulatedClock()
    const limiter = createRateLimiter({ folder, clock })
    const one = { ...budget, weight: 1 }
    const order: string[] = []
    await limiter.acquire(one, 1)
    const stop = new AbortController()
    void limiter.acquire(one, 1).then(() => order.push('a'))
    const aborted = limiter.acquire(one, 1, stop.signal)
    void limiter.acquire(one, 1).then(() => order.push('c'))
    stop.abort()
    await expect(aborted).rejects.toHaveProperty('name', 'AbortError')
    await clock.run(clock.now() + 5 * MINUTE)
    expect(order).toEqual(['a', 'c'])
  })
})

describe('a block', () => {
  test('holds everybody up, is waited out when short, and outlives the process when long', async () => {
    const clock = simulatedClock()
    const limiter = createRateLimiter({ folder, clock })
    limiter.learn(budget, { blockedUntil: clock.now() + 30_000_000 })
    let waited: number | undefined
    void limiter.acquire(budget, 1).then((claim) => (waited = claim.waited))
    await clock.run(clock.now() + MINUTE)
    expect(waited).toBe(30_000_000)

    const retryAt = clock.now() + 3_600_000_000
    limiter.learn(budget, { blockedUntil: retryAt })
    limiter.learn(budget, { blockedUntil: clock.now() + 1 })
    const restarted = createRateLimiter({ folder, clock })
    for (let attempt = 0; attempt < 3; attempt++) {
      await expect(restarted.acquire(budget, 1)).rejects.toMatchObject({ code: 'RATE_LIMITED', details: { retryAt } })
    }
  })
})

describe('the ledger in files', () => {
  test('stands half a line, nonsense and old files, and deletes the old ones', async () => {
    const clock = simulatedClock()
    const limiter = createRateLimiter({ folder, clock })
    const tight = { ...budget, weight: 3 }
    await limiter.acquire(tight, 1)
    const [log = ''] = readdirSync(folder)
    appendFileSync(join(folder, log), '\n17')
    appendFileSync(join(folder, log), '\nnonsense here\n\n')
    writeFileSync(join(folder, 'venue.1.log'), '\n1 1 x\n')
    writeFileSync(join(folder, 'venue.blocked'), 'soon')
    writeFileSync(join(folder, 'other.1.log'), '')
    await createRateLimiter({ folder, clock }).acquire(tight, 1)
    await clock.run(clock.now() + 3 * MINUTE)
    void clock.sleep(3 * MINUTE)
    await clock.run(clock.now() + 3 * MINUTE)
    await limiter.acquire(tight, 3)
    expect(readdirSync(folder).filter((name) => name.startsWith('venue.') && name.endsWith('.log'))).toHaveLength(1)
    expect(readdirSync(folder)).toContain('other.1.log')
  })

  test('is read whole, however much others have written', async () => {
    const clock = simulatedClock()
    const [claims, limiter] = [2000, createRateLimiter({ folder, clock })]
    const wide = { ...budget, weight: claims + 1 }
    await limiter.acquire(wide, 1)
    const [log = ''] = readdirSync(folder)
    const lines = Array.from({ length: claims }, (_, claim) => `\n${clock.now()} 1 other.${claim}\n`)
    appendFileSync(join(folder, log), lines.join(''))
    let at: number | undefined
    void limiter.acquire(wide, 1).then((claim) => (at = claim.at))
    const start = clock.now()
    await clock.run(start + 2 * MINUTE)
    expect(at).toBeGreaterThanOrEqual(start + MINUTE)
  })

  test('is begun anew where somebody deletes it, and others still see what is claimed', async () => {
    const clock = simulatedClock()
    const [one, other] = [createRateLimiter({ folder, clock }), createRateLimiter({ folder, clock })]
    const two = { ...budget, weight: 2 }
    await one.acquire(two, 1)
    for (const log of readdirSync(folder)) rmSync(join(folder, log))
    void clock.sleep(1_000_000)
    await clock.run(clock.now() + 1_000_000)
    await one.acquire(two, 1)
    await other.acquire(two, 1)
    let third = false
    void other.acquire(two, 1).then(() => (third = true))
    await clock.run(clock.now() + MINUTE - 1)
    expect(third).toBe(false)
  })

  // Elsewhere nobody tells which files are open.
  test.runIf(process.platform === 'linux')('is open while requests follow each other, and no longer', async () => {
    const opened = (): number =>
      readdirSync('/proc/self/fd').filter((file) => {
        try {
          return readlinkSync(`/proc/self/fd/${file}`).startsWith(folder)
        } catch {
          // The one by which the folder was listed.
          return false
        }
      }).length
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const clock = simulatedClock()
      const limiter = createRateLimiter({ folder, clock })
      const tight = { ...budget, weight: 2 }
      await limiter.acquire(tight, 1)
      vi.advanceTimersByTime(900)
      await limiter.acquire(budget, 0)
      vi.advanceTimersByTime(900)
      expect(opened()).toBe(1)
      vi.advanceTimersByTime(100)
      expect(opened()).toBe(0)
      await limiter.acquire(tight, 1)
      let third = false
      void limiter.acquire(tight, 1).then(() => (third = true))
      await clock.run(clock.now() + MINUTE - 1)
      expect([third, opened()]).toEqual([false, 1])
    } finally {
      vi.useRealTimers()
    }
  })

  test('needs a folder that can be written', () => {
    writeFileSync(join(folder, 'file'), '')
    expect(() => createRateLimiter({ folder: join(folder, 'file') })).toThrow(
      expect.objectContaining({ code: 'NO_PERMISSION' }),
    )
  })

  test('keeps several processes together within one budget', async () => {
    // Plain JavaScript for the children, made of the same source.
    const source = join(import.meta.dirname, 'rate-ledger.ts')
    const outfile = join(folder, 'rate-ledger.mjs')
    await build({ entryPoints: [source], outfile, bundle: true, platform: 'node', format: 'esm', logLevel: 'silent' })
    const script = join(folder, 'spend.mjs')
    writeFileSync(
      script,
      `import { openRateLedger } from './rate-ledger.mjs'
      const [folder, limit, wanted] = process.argv.slice(2)
      const clock = () => Math.round((performance.timeOrigin + performance.now()) * 1000)
      const ledger = openRateLedger({ folder, name: 'shared', window: 250_000, now: clock })
      const still = new Int32Array(new SharedArrayBuffer(4))
      const spent = []
      while (spent.length < Number(wanted)) {
        const now = clock()
        if (ledger.claim(1, Number(limit), now) === 0) spent.push({ at: now, weight: 1 })
        else Atomics.wait(still, 0, 0, 1)
      }
      process.send(spent)`,
    )
    const [limit, wanted] = [40, 60]
    const shares = await Promise.all(
      Array.from({ length: 3 }, () => {
        const child = fork(script, [folder, String(limit), String(wanted)])
        return new Promise<{ at: number; weight: number }[]>((resolve, reject) => {
          child.once('error', reject)
          child.once('message', (message) => {
            resolve(message as { at: number; weight: number }[])
          })
        })
      }),
    )
    expect(shares.map((share) => share.length)).toEqual([wanted, wanted, wanted])
    expect(peak(shares.flat(), 250_000)).toBeLessThanOrEqual(limit)
  }, 20_000)
})
