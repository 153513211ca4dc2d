import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseDatasetId, readObject } from '@lake/core'
import { rowsFromArchive, startVenue, type Venue } from '@lake/ingest-ccxt/testing'
import { writeZip } from '@lake/ingest-s5cmd/testing'
import { openLedger, sha256Of } from '@lake/ledger'
import { fileStore } from '@lake/storage'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { certifyLake, healLake, listRestatements, runPipeline } from './index.ts'
import { buildCrashChild, type RunChild, spreadMoments } from './testing/build-crash-child.ts'
import { crashLake } from './testing/crash-lake.ts'
import { contentOf, csvOf, MINUTES, publish, SAMPLE } from './testing/fixtures.ts'
import { restateFile } from './testing/restate-file.ts'
import { SAMPLE_DATASETS } from './testing/sample-datasets.ts'

/** Moments to die at of each job: four spread by a seed, or with `LAKE_NIGHTLY=1` sixty. */
const DEATHS = process.env['LAKE_NIGHTLY'] === '1' ? 60 : 4
const SEED = Number(process.env['LAKE_SEED'] ?? 20_261_123)
const MIDDLE_DAY = `${MINUTES}/BTCUSDT-1m-2020-01-02.zip`
const [DATASET = ''] = SAMPLE_DATASETS

type Content = Readonly<Record<string, string>>

let folder: string
let runChild: RunChild
let venue: Venue

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lake-crash-change-'))
  runChild = await buildCrashChild(folder)
  const zip = await readObject(fileStore({ root: SAMPLE }), MIDDLE_DAY)
  venue = await startVenue({ rows: rowsFromArchive(zip, parseDatasetId(DATASET)) })
}, 60_000)

afterAll(async () => {
  await venue.close()
  await rm(folder, { recursive: true, force: true })
})

const partitionsOf = async (lake: string): Promise<Content> => contentOf(fileStore({ root: lake }), 'silver/', 'gold/')

/** Each partition is the one before the job or the one after it. */
async function expectOldOrNew(lake: string, before: Content, after: Content): Promise<void> {
  const found = await partitionsOf(lake)
  expect(Object.keys(found).sort()).toEqual(Object.keys({ ...before, ...after }).sort())
  for (const [key, sha256] of Object.entries(found)) expect([before[key], after[key]]).toContain(sha256)
}

async function expectManifestsTrue(lake: string): Promise<void> {
  const store = fileStore({ root: lake })
  for await (const { files } of openLedger(store).manifests()) {
    for (const file of files) expect(sha256Of(await readObject(store, file.key))).toBe(file.sha256)
  }
}

describe('a heal that is killed with SIGKILL', () => {
  let base: string
  let before: Content
  let after: Content
  let moments: number

  beforeAll(async () => {
    base = join(folder, 'heal-base')
    const archive = join(folder, 'archive-without-a-day')
    await cp(join(SAMPLE, MINUTES), join(archive, MINUTES), { recursive: true })
    await rm(join(archive, MIDDLE_DAY))
    await runPipeline(crashLake(fileStore({ root: base })), { source: archive, datasets: [DATASET] })
    before = await partitionsOf(base)
    const whole = join(folder, 'heal-whole')
    await cp(base, whole, { recursive: true })
    moments = Number((await runChild([whole, '', 'never', venue.url])).stdout)
    after = await partitionsOf(whole)
    expect(moments).toBeGreaterThan(30)
    expect(after).not.toEqual(before)
  }, 60_000)

  test.each(spreadMoments(DEATHS, SEED))(
    'at %d per mille leaves every partition old or new, and ends in the same bytes',
    async (perMille) => {
      const lake = join(folder, `heal-${perMille}`)
      await cp(base, lake, { recursive: true })
      const moment = String(1 + Math.floor((perMille / 1000) * moments))
      expect((await runChild([lake, '', moment, venue.url])).signal).toBe('SIGKILL')
      await expectOldOrNew(lake, before, after)
      const { failures } = await healLake(
        crashLake(fileStore({ root: lake }), { url: venue.url, budgetFolder: `${lake}-budget` }),
      )
      expect(failures).toEqual([])
      expect(await partitionsOf(lake)).toEqual(after)
      await expectManifestsTrue(lake)
    },
    60_000,
  )
})

describe('a merge of a restated file that is killed with SIGKILL', () => {
  let base: string
  let archive: string
  let before: Content
  let after: Content
  let told: readonly unknown[]
  let moments: number

  /** What was restated, but for times: the clock of these lakes stands still. */
  const restatementsOf = async (lake: string) => listRestatements(crashLake(fileStore({ root: lake })))

  beforeAll(async () => {
    base = join(folder, 'restated-base')
    archive = join(folder, 'archive-restated')
    await cp(SAMPLE, archive, { recursive: true })
    await runPipeline(crashLake(fileStore({ root: base })), { source: archive, datasets: SAMPLE_DATASETS })
    before = await partitionsOf(base)
    await restateFile(fileStore({ root: archive }), MIDDLE_DAY, (csv) => correctedClose(csv))
    const whole = join(folder, 'restated-whole')
    await cp(base, whole, { recursive: true })
    moments = Number((await runChild([whole, archive, 'never'])).stdout)
    after = await partitionsOf(whole)
    told = await restatementsOf(whole)
    expect(told.length).toBeGreaterThan(1)
  }, 60_000)

  test.each(spreadMoments(DEATHS, SEED + 1))(
    'at %d per mille leaves every partition old or new, and tells the restatement all the same',
    async (perMille) => {
      const lake = join(folder, `restated-${perMille}`)
      await cp(base, lake, { recursive: true })
      const moment = String(1 + Math.floor((perMille / 1000) * moments))
      expect((await runChild([lake, archive, moment])).signal).toBe('SIGKILL')
      await expectOldOrNew(lake, before, after)
      const request = { source: archive, datasets: SAMPLE_DATASETS }
      const { failures } = await runPipeline(crashLake(fileStore({ root: lake })), request)
      expect(failures).toEqual([])
      expect(await partitionsOf(lake)).toEqual(after)
      expect(await restatementsOf(lake)).toEqual(told)
      await expectManifestsTrue(lake)
    },
    60_000,
  )
})

describe('a partition that is being blocked when SIGKILL comes', () => {
  let base: string
  let archive: string
  let before: Content
  let told: readonly unknown[]
  let moments: number

  /** Which partitions are blocked, why, and by which inputs. */
  async function blockedOf(lake: string): Promise<unknown[]> {
    const blocked: unknown[] = []
    for await (const manifest of openLedger(fileStore({ root: lake })).manifests()) {
      for (const { label, reason, fingerprint, quality } of manifest.blocked ?? []) {
        blocked.push({ label, reason, fingerprint, score: quality.score })
      }
    }
    return blocked
  }

  beforeAll(async () => {
    base = join(folder, 'blocked-base')
    archive = join(folder, 'archive-impossible')
    await cp(SAMPLE, archive, { recursive: true })
    await runPipeline(crashLake(fileStore({ root: base })), { source: archive, datasets: SAMPLE_DATASETS })
    before = await partitionsOf(base)
    await restateFile(fileStore({ root: archive }), MIDDLE_DAY, (csv) => csv.replace(/^([^,]+,[^,]+),[^,]+/, '$1,1.5'))
    const whole = join(folder, 'blocked-whole')
    await cp(base, whole, { recursive: true })
    moments = Number((await runChild([whole, archive, 'never'])).stdout)
    told = await blockedOf(whole)
    expect(told).toMatchObject([{ label: '2020-01', reason: expect.stringContaining('ohlc') as unknown }])
    expect(await partitionsOf(whole)).toEqual(before)
  }, 60_000)

  test.each(spreadMoments(DEATHS, SEED + 2))(
    'at %d per mille is blocked or not, stays what it was, and is blocked by the next run',
    async (perMille) => {
      const lake = join(folder, `blocked-${perMille}`)
      await cp(base, lake, { recursive: true })
      const moment = String(1 + Math.floor((perMille / 1000) * moments))
      expect((await runChild([lake, archive, moment])).signal).toBe('SIGKILL')
      expect(await partitionsOf(lake)).toEqual(before)
      expect([[], told]).toContainEqual(await blockedOf(lake))
      await expectManifestsTrue(lake)
      const request = { source: archive, datasets: SAMPLE_DATASETS }
      const { failures } = await runPipeline(crashLake(fileStore({ root: lake })), request)
      expect(failures).toEqual([])
      expect(await partitionsOf(lake)).toEqual(before)
      expect(await blockedOf(lake)).toEqual(told)
    },
    60_000,
  )
})

describe('a certification that is killed with SIGKILL', () => {
  let base: string
  let archive: string
  let before: Content
  let certificates: Content
  let moments: number

  const certificatesOf = async (lake: string): Promise<Content> =>
    contentOf(fileStore({ root: lake }), '_lake/reports/certificates/')

  beforeAll(async () => {
    base = join(folder, 'certified-base')
    archive = join(folder, 'archive-with-month')
    await cp(join(SAMPLE, MINUTES), join(archive, MINUTES), { recursive: true })
    await runPipeline(crashLake(fileStore({ root: base })), { source: archive, datasets: [DATASET], gold: [] })
    await certifyLake(crashLake(fileStore({ root: base })))
    const days = ['01', '02', '03'].map((day) => MIDDLE_DAY.replace('01-02.zip', `01-${day}.zip`))
    const texts = await Promise.all(days.map(async (key) => csvOf(await readObject(fileStore({ root: archive }), key))))
    const bytes = await writeZip([{ name: 'BTCUSDT-1m-2020-01.csv', bytes: Buffer.from(texts.join('')) }])
    const month = 'data/spot/monthly/klines/BTCUSDT/1m/BTCUSDT-1m-2020-01.zip'
    await publish(fileStore({ root: archive }), month, bytes)
    before = await partitionsOf(base)
    const whole = join(folder, 'certified-whole')
    await cp(base, whole, { recursive: true })
    moments = Number((await runChild([whole, archive, 'never', 'certify'])).stdout)
    certificates = await certificatesOf(whole)
    expect(Object.keys(certificates)).toHaveLength(1)
    expect(certificates).not.toEqual(await certificatesOf(base))
  }, 60_000)

  test.each(spreadMoments(DEATHS, SEED + 3))(
    'at %d per mille changes no partition, and leaves the one certificate of them all in the end',
    async (perMille) => {
      const lake = join(folder, `certified-${perMille}`)
      await cp(base, lake, { recursive: true })
      const moment = String(1 + Math.floor((perMille / 1000) * moments))
      expect((await runChild([lake, archive, moment, 'certify'])).signal).toBe('SIGKILL')
      expect(await partitionsOf(lake)).toEqual(before)
      const { failures } = await certifyLake(crashLake(fileStore({ root: lake })), { source: archive })
      expect(failures).toEqual([])
      expect(await certificatesOf(lake)).toEqual(certificates)
      await expectManifestsTrue(lake)
    },
    60_000,
  )
})

/** Another close of the last minute of the day, and so of the last bar of each interval. */
function correctedClose(csv: string): string {
  const lines = csv.trimEnd().split('\n')
  const last = (lines.at(-1) ?? '').split(',')
  return [...lines.slice(0, -1), [...last.slice(0, 4), last[3], ...last.slice(5)].join(',')].join('\n')
}
