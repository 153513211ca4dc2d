import { LakeError } from '@lake/core'
import { openLedger } from '@lake/ledger'
import { memoryStore } from '@lake/storage'
import { describe, expect, test } from 'vitest'
import { defineLake, runPipeline } from './index.ts'
import { retryConflicts } from './retry-conflicts.ts'
import { contentOf, SAMPLE } from './testing/fixtures.ts'
import { SAMPLE_DATASETS } from './testing/sample-datasets.ts'

describe('several runs into one lake at once', () => {
  test('all end well, in the bytes of one run, and no manifest is torn', async () => {
    const [store, alone] = [memoryStore(), memoryStore()]
    const run = (lake = store) => runPipeline(defineLake({ lake }), { source: SAMPLE, datasets: SAMPLE_DATASETS })
    await run(alone)
    const reports = await Promise.all([run(), run(), run()])
    expect(reports.flatMap(({ failures }) => failures)).toEqual([])
    expect(await contentOf(store, 'bronze/', 'silver/', 'gold/')).toEqual(
      await contentOf(alone, 'bronze/', 'silver/', 'gold/'),
    )
    for await (const { files } of openLedger(store).manifests()) {
      for (const file of files) expect((await store.head(file.key))?.etag).toBe(file.etag)
    }
    expect((await run()).datasets.every(({ partitions }) => partitions === 0)).toBe(true)
  })
})

describe('retryConflicts', () => {
  const failing = (code: 'CONFLICT' | 'NO_SPACE', times: number) => {
    let calls = 0
    const work = async (): Promise<number> => {
      if (++calls <= times) throw new LakeError(code, `call ${calls}`)
      return calls
    }
    return work
  }

  test('decides anew on a conflict, ten times at most, and on nothing else', async () => {
    expect(await retryConflicts(failing('CONFLICT', 9))).toBe(10)
    await expect(retryConflicts(failing('CONFLICT', 10))).rejects.toThrow('call 10')
    await expect(retryConflicts(failing('NO_SPACE', 1))).rejects.toThrow('call 1')
  })
})
