import {
  LakeError,
  type ObjectStore,
  parseDatasetId,
  partitionKey,
  readObject,
  silverSeries,
  versionKey,
} from '@lake/core'
import { memoryStore } from '@lake/storage'
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import {
  type Committed,
  type CommitOptions,
  filesAt,
  type Ledger,
  openLedger,
  type PruneOptions,
  pruneVersions,
  sha256Of,
} from './index.ts'

const series = silverSeries(parseDatasetId('binance/spot/klines/BTCUSDT/1m'))
const KEY = partitionKey(series, '2024-01')
const bronze = (name: string) => ({ key: `bronze/binance/archive/${name}.zip`, sha256: sha256Of(name) })

let store: ObjectStore
let ledger: Ledger
let time: number

beforeEach(() => {
  store = memoryStore()
  time = 0
  ledger = openLedger(store, { now: () => time, run: 'run-1' })
})

type Given = Omit<CommitOptions, 'store' | 'now' | 'run'>

function partition(text: string, inputs: Given['inputs'], base: Given['base']): Given {
  const bytes = new TextEncoder().encode(text)
  const span = { from: 0, to: 3 }
  return { series, label: '2024-01', base, bytes, rows: 1, first: 1, last: 2, span, inputs, revision: 1, options: {} }
}

/** Commits at a moment. */
async function commit(at: number, text: string, inputs: readonly string[], restates?: boolean): Promise<Committed> {
  time = at
  const base = await ledger.manifest(series, '2024-01')
  return ledger.commitPartition({ ...partition(text, inputs.map(bronze), base), restates })
}

/** The keys of what was the truth at a moment. */
async function keysAt(asOf: number): Promise<string[]> {
  const stored = await ledger.manifest(series, '2024-01')
  return stored === undefined ? [] : filesAt(stored.manifest, asOf).map(({ key }) => key)
}

describe('filesAt', () => {
  test('gives the version that was the truth at a moment, from its commit to that of the next', async () => {
    await commit(10, 'first', ['a'])
    await commit(20, 'second', ['a-restated'])
    await commit(30, 'third', ['a-restated-again'])
    expect(await keysAt(9)).toEqual([])
    expect(await keysAt(10)).toEqual([versionKey(sha256Of('first'))])
    expect(await keysAt(19)).toEqual([versionKey(sha256Of('first'))])
    expect(await keysAt(20)).toEqual([versionKey(sha256Of('second'))])
    expect(await keysAt(30)).toEqual([KEY])
    const stored = await ledger.manifest(series, '2024-01')
    expect(stored?.manifest.superseded).toMatchObject([
      { sha256: sha256Of('first'), supersededAt: 20, supersededBy: sha256Of('second'), commit: { at: 10, since: 10 } },
      { sha256: sha256Of('second'), supersededAt: 30, supersededBy: sha256Of('third') },
    ])
  })

  test('reads a partition that has only grown as it is, from its first commit on', async () => {
    await commit(10, 'one', ['a'])
    const { file } = await commit(20, 'one and two', ['a', 'b'])
    expect(file.commit).toEqual({ at: 20, run: 'run-1', since: 10 })
    expect(await keysAt(10)).toEqual([KEY])
    expect(await keysAt(9)).toEqual([])
  })

  test('believes the caller who has looked at the rows', async () => {
    await commit(10, 'one', ['a'])
    await commit(20, 'one, otherwise', ['a', 'b'], true)
    await commit(30, 'one, otherwise, and two', ['c'], false)
    expect(await keysAt(15)).toEqual([versionKey(sha256Of('one'))])
    expect(await keysAt(25)).toEqual([KEY])
  })

  test('a crash between file and manifest loses no version', async () => {
    await commit(10, 'first', ['a'])
    const base = await ledger.manifest(series, '2024-01')
    // What a killed commit leaves: the version is kept and the file is new, and the manifest is the old one.
    await store.put(versionKey(sha256Of('first')), new TextEncoder().encode('first'))
    await store.put(KEY, new TextEncoder().encode('second'))
    time = 20
    await ledger.commitPartition(partition('second', [bronze('a-restated')], base))
    expect(await keysAt(15)).toEqual([versionKey(sha256Of('first'))])
  })

  test('a lake that was copied elsewhere has other etags, and still keeps its versions', async () => {
    await commit(10, 'first', ['a'])
    await store.put(KEY, new TextEncoder().encode('first'))
    await commit(20, 'second', ['a-restated'])
    expect(await keysAt(15)).toEqual([versionKey(sha256Of('first'))])
    await store.put(KEY, new TextEncoder().encode('something else'))
    await commit(30, 'third', ['b'])
    // Nobody has the second version any more.
    expect(await keysAt(25)).toEqual([])
  })

  test('manifests without times are the truth since ever', async () => {
    const { stored } = await commit(10, 'first', ['a'])
    const files = stored.manifest.files.map((file) => ({ ...file, commit: undefined }))
    expect(filesAt({ ...stored.manifest, files }, 0)).toHaveLength(1)
  })

  test('equal bytes of a later run keep the time and the run of the first', async () => {
    const before = await commit(10, 'same', ['a'])
    const after = await commit(20, 'same', ['a', 'b'])
    expect(after.file.commit).toEqual(before.file.commit)
  })
})

describe('lineage', () => {
  const gold = { ...series, layer: 'gold' as const, table: 'bars' as const, interval: '1h' as const }

  test('leads from gold through silver to the bytes that came from outside, with revisions and runs', async () => {
    const { file } = await commit(10, 'rows', ['a', 'b'])
    const bars = await ledger.commitPartition({ ...partition('bars', [file], undefined), series: gold })
    const made = { revision: 1, options: {}, rows: 1, commit: { at: 10, run: 'run-1', since: 10 }, state: 'current' }
    expect(await ledger.lineage(bars.file.key)).toEqual({
      ...{ key: bars.file.key, sha256: sha256Of('bars'), ...made },
      inputs: [
        {
          ...{ key: KEY, sha256: sha256Of('rows'), ...made },
          inputs: ['a', 'b'].map((name) => ({ ...bronze(name), state: 'received', inputs: [] })),
        },
      ],
    })
  })

  test('leads through a version that was superseded since, and names one that has grown', async () => {
    const { file } = await commit(10, 'rows', ['a'])
    const bars = await ledger.commitPartition({ ...partition('bars', [file], undefined), series: gold })
    await commit(20, 'other rows', ['a-restated'])
    const [input] = (await ledger.lineage(bars.file.key)).inputs
    expect(input).toMatchObject({ state: 'superseded', sha256: sha256Of('rows'), inputs: [bronze('a')] })
    expect(await ledger.lineage(versionKey(sha256Of('rows')))).toEqual(input)
    await commit(30, 'other rows and more', ['a-restated', 'b'])
    const grown = { key: KEY, sha256: sha256Of('other rows') }
    const later = await ledger.commitPartition({
      ...partition('later bars', [grown], await ledger.manifest(gold, '2024-01')),
      series: gold,
    })
    expect((await ledger.lineage(later.file.key)).inputs).toEqual([{ ...grown, state: 'grown', inputs: [] }])
  })

  test('an unknown key has none', async () => {
    await expect(ledger.lineage('silver/x.parquet')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(ledger.lineage(versionKey(sha256Of('x')))).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await commit(10, 'rows', ['a'])
    await expect(ledger.lineage(KEY.replace('2024-01.parquet', '2024-02.parquet'))).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
  })
})

describe('pruning', () => {
  const prune = async (options: Omit<PruneOptions, 'now'>): Promise<string[]> => {
    const gone: string[] = []
    for await (const { sha256 } of pruneVersions(store, { now: 100, ...options })) gone.push(sha256)
    return gone
  }
  const isThere = async (text: string): Promise<boolean> => (await store.head(versionKey(sha256Of(text)))) !== undefined
  const history = async (): Promise<void> => {
    for (const [at, text] of ['one', 'two', 'three', 'four'].entries()) await commit(at * 10, text, [text], true)
  }

  test('keeps the newest, or what is young, tells what goes, and leaves what the manifest knows', async () => {
    await history()
    expect(await prune({ keep: 1, dryRun: true })).toEqual(['one', 'two'].map((text) => sha256Of(text)))
    expect([await isThere('one'), await isThere('two')]).toEqual([true, true])
    expect(await prune({ before: 15 })).toEqual([sha256Of('one')])
    expect(await prune({ keep: 1 })).toEqual([sha256Of('two')])
    expect([await isThere('one'), await isThere('two'), await isThere('three')]).toEqual([false, false, true])
    expect(await prune({ keep: 1 })).toEqual([])
    expect((await ledger.manifest(series, '2024-01'))?.manifest.superseded).toHaveLength(3)
    expect(await keysAt(25)).toEqual([versionKey(sha256Of('three'))])
    expect(await keysAt(30)).toEqual([KEY])
    await expect(keysAt(5)).rejects.toThrow(/was pruned at .* can be read as of/)
  })

  test('never deletes bytes that are the truth again', async () => {
    for (const [at, text] of ['one', 'two', 'one'].entries()) await commit(at * 10, text, [`${text}${at}`], true)
    expect(await prune({})).toEqual([sha256Of('two')])
    await commit(40, 'three', ['three'], true)
    expect(await keysAt(25)).toEqual([versionKey(sha256Of('one'))])
    expect(await isThere('one')).toBe(true)
  })

  test('leaves bytes that another partition has kept too', async () => {
    const other = { ...series, symbol: 'ETHUSDT' }
    const commitTo = async (to: typeof series, at: number, text: string): Promise<void> => {
      time = at
      const base = await ledger.manifest(to, '2024-01')
      await ledger.commitPartition({ ...partition(text, [bronze(text)], base), series: to, restates: true })
    }
    for (const [at, text] of ['nothing', 'something'].entries()) {
      await commitTo(series, at * 10, text)
      await commitTo(other, at * 50, text)
    }
    const readAt = async (of: typeof series, asOf: number): Promise<string[]> => {
      const stored = await ledger.manifest(of, '2024-01')
      const keys = stored === undefined ? [] : filesAt(stored.manifest, asOf).map(({ key }) => key)
      return Promise.all(keys.map(async (key) => new TextDecoder().decode(await readObject(store, key))))
    }
    expect(await prune({ before: 40 })).toEqual([sha256Of('nothing')])
    await expect(readAt(series, 5)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(await readAt(other, 5)).toEqual(['nothing'])
    expect(await prune({})).toEqual([sha256Of('nothing')])
    expect(await isThere('nothing')).toBe(false)
    expect(await readAt(other, 50)).toEqual(['something'])
  })

  test('killed at any call of the store, the next one ends it, and the present is read all the while', async () => {
    for (let fatal = 1; ; fatal++) {
      store = memoryStore()
      ledger = openLedger(store, { now: () => time, run: 'run-1' })
      await history()
      let calls = 0
      const die = (): void => {
        if (++calls === fatal) throw new Error('killed')
      }
      const mortal: ObjectStore = {
        ...store,
        put: (...given) => (die(), store.put(...given)),
        delete: (...given) => (die(), store.delete(...given)),
      }
      const work = async (): Promise<void> => {
        for await (const _ of pruneVersions(mortal, { now: 100, keep: 1 })) continue
      }
      const isKilled = await work().then(
        () => false,
        () => true,
      )
      expect(await keysAt(1000)).toEqual([KEY])
      await prune({ keep: 1 })
      expect([await isThere('one'), await isThere('two'), await isThere('three')]).toEqual([false, false, true])
      if (!isKilled) break
    }
  })

  test('loses nothing that is kept or current, however the calls of a commit come between', async () => {
    const unlessConflict = (error: unknown): void => {
      if (!LakeError.is(error) || error.code !== 'CONFLICT') throw error
    }
    const lengths = fc.array(fc.integer({ min: 1, max: 24 }), { minLength: 1, maxLength: 6 })
    const property = fc.asyncProperty(lengths, fc.boolean(), async (turns, isLeft) => {
      store = memoryStore()
      ledger = openLedger(store)
      await commit(10, 'one', ['a'], true)
      await commit(20, 'two', ['b'], true)
      // What a prune leaves that was killed: versions that are marked, and their bytes.
      const killed: ObjectStore = { ...store, delete: () => Promise.resolve() }
      if (isLeft) for await (const _ of pruneVersions(killed, { now: 30 })) continue
      const committing = async (mine: ObjectStore): Promise<void> => {
        ledger = openLedger(mine, { now: () => time })
        // Bytes that were the truth before are it again, and once more are not.
        for (const [at, text] of ['one', 'three'].entries()) {
          const again = (): Promise<unknown> => commit(40 + at, text, [`${text} again`], true)
          await again().catch(unlessConflict).then(again)
        }
      }
      const pruning = async (mine: ObjectStore): Promise<void> => {
        for await (const _ of pruneVersions(mine, { now: 50, before: 35 })) continue
      }
      await inTurns(store, turns, [(mine) => pruning(mine).catch(unlessConflict), committing])
      ledger = openLedger(store)
      const { files = [], superseded = [] } = (await ledger.manifest(series, '2024-01'))?.manifest ?? {}
      expect(files.map(({ sha256 }) => sha256)).toEqual([sha256Of(await readObject(store, KEY))])
      const kept = superseded.flatMap(({ sha256, prunedAt }) => (prunedAt === undefined ? [sha256] : []))
      expect(kept.slice(-2)).toEqual([sha256Of('two'), sha256Of('one')])
      for (const sha256 of kept) expect(sha256Of(await readObject(store, versionKey(sha256)))).toBe(sha256)
    })
    // A whole commit between the look at the manifest and the deletion that follows from it.
    await fc.assert(property, { numRuns: 60, examples: [[[2, 15], true]] })
  })
})

type Work = (store: ObjectStore) => Promise<void>

/** Does two things over one store, one call at a time: so many of the first, so many of the second, and so on. */
async function inTurns(inner: ObjectStore, lengths: readonly number[], works: readonly [Work, Work]): Promise<void> {
  const order = lengths.flatMap((length, index) => Array.from({ length }, () => index % 2))
  const waiting = new Map<number, () => void>()
  const working = new Set([0, 1])
  const goOn = (): void => {
    if (waiting.size < working.size) return
    const wanted = order.shift() ?? 0
    const who = working.has(wanted) ? wanted : 1 - wanted
    const go = waiting.get(who)
    waiting.delete(who)
    go?.()
  }
  const storeOf = (who: number): ObjectStore => {
    const turn = (): Promise<void> =>
      new Promise((resolve) => {
        waiting.set(who, resolve)
        goOn()
      })
    return {
      ...inner,
      head: async (...given) => (await turn(), inner.head(...given)),
      get: async (...given) => (await turn(), inner.get(...given)),
      put: async (...given) => (await turn(), inner.put(...given)),
      delete: async (...given) => (await turn(), inner.delete(...given)),
    }
  }
  const done = works.map(async (work, who) => {
    await work(storeOf(who))
    working.delete(who)
    goOn()
  })
  await Promise.all(done)
}
