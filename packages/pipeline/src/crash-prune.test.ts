import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LakeError, parseInstant, readObject } from '@lake/core'
import { filesAt, openLedger, sha256Of } from '@lake/ledger'
import { fileStore } from '@lake/storage'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { defineLake, pruneLake, runPipeline } from './index.ts'
import { buildCrashChild, type RunChild, spreadMoments } from './testing/build-crash-child.ts'
import { contentOf, MINUTES, SAMPLE } from './testing/fixtures.ts'
import { restateFile } from './testing/restate-file.ts'

/** Moments to die at: six spread by a seed, or with `LAKE_NIGHTLY=1` sixty. */
const DEATHS = process.env['LAKE_NIGHTLY'] === '1' ? 60 : 6
const SEED = Number(process.env['LAKE_SEED'] ?? 20_261_123)
const DATASET = 'binance/spot/klines/BTCUSDT/1m'
/** When the lake was run: each time after the first, the archive had published the last day anew. */
const RUNS = ['2020-02-01', '2020-03-01', '2020-04-01', '2020-05-01'].map((day) => parseInstant(day))
const CLOSES = ['7344.96000000', '7340.50000000', '7341.00000000', '7341.50000000']

let folder: string
let base: string
let runChild: RunChild
let moments: number
let present: Readonly<Record<string, string>>
let kept: Readonly<Record<string, string>>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lake-crash-prune-'))
  runChild = await buildCrashChild(folder, 'crash-prune-child')
  base = join(folder, 'base')
  const archive = join(folder, 'archive')
  await cp(join(SAMPLE, MINUTES), join(archive, MINUTES), { recursive: true })
  for (const [index, now] of RUNS.entries()) {
    const [before = '', close = ''] = CLOSES.slice(index - 1, index + 1)
    if (index > 0)
      await restateFile(fileStore({ root: archive }), `${MINUTES}/BTCUSDT-1m-2020-01-03.zip`, (csv) =>
        csv.replace(`${before},162.22`, `${close},162.22`),
      )
    const lake = defineLake({ lake: fileStore({ root: base }), now: () => now })
    expect((await runPipeline(lake, { source: archive, datasets: [DATASET] })).failures).toEqual([])
  }
  present = await contentOf(fileStore({ root: base }), 'silver/', 'gold/')
  const whole = join(folder, 'whole')
  await cp(base, whole, { recursive: true })
  moments = Number((await runChild([whole, 'never'])).stdout)
  kept = await contentOf(fileStore({ root: whole }), '_lake/versions/')
}, 60_000)

afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

/** Of every partition at every moment between runs: `whole` when its bytes are what its manifest knows, or `pruned`. */
async function readAsOf(lake: string): Promise<Record<string, 'whole' | 'pruned'>> {
  const store = fileStore({ root: lake })
  const found: Record<string, 'whole' | 'pruned'> = {}
  for await (const manifest of openLedger(store).manifests()) {
    for (const asOf of RUNS) {
      const name = `${manifest.files[0]?.key ?? ''} at ${asOf}`
      try {
        for (const { file, key } of filesAt(manifest, asOf))
          expect(sha256Of(await readObject(store, key))).toBe(file.sha256)
        found[name] = 'whole'
      } catch (error) {
        if (!LakeError.is(error) || !error.message.includes('was pruned at')) throw error
        found[name] = 'pruned'
      }
    }
  }
  return found
}

describe('a prune that is killed with SIGKILL', () => {
  test('has many moments to die at, and leaves the newest version of each partition', async () => {
    expect(moments).toBeGreaterThan(50)
    expect(Object.keys(kept)).toHaveLength(4)
    const states = Object.values(await readAsOf(base))
    expect(new Set(states)).toEqual(new Set(['whole']))
    expect(states).toHaveLength(4 * RUNS.length)
  })

  test.each(spreadMoments(DEATHS, SEED + 3))(
    'at %d per mille leaves every version readable or told as pruned, and the next one ends it',
    async (perMille) => {
      const lake = join(folder, `killed-${perMille}`)
      await cp(base, lake, { recursive: true })
      const moment = String(1 + Math.floor((perMille / 1000) * moments))
      expect((await runChild([lake, moment])).signal).toBe('SIGKILL')
      const store = fileStore({ root: lake })
      expect(await contentOf(store, 'silver/', 'gold/')).toEqual(present)
      const left = await readAsOf(lake)
      for (const [name, state] of Object.entries(left)) {
        const isNewest = RUNS.slice(2).some((asOf) => name.endsWith(String(asOf)))
        expect(isNewest ? ['whole'] : ['whole', 'pruned']).toContain(state)
      }
      for await (const _ of pruneLake(defineLake({ lake: store }), { keep: 1 })) continue
      expect(await contentOf(store, '_lake/versions/')).toEqual(kept)
      expect(await contentOf(store, 'silver/', 'gold/')).toEqual(present)
      expect(Object.values(await readAsOf(lake)).filter((state) => state === 'pruned')).toHaveLength(8)
    },
    30_000,
  )
})
