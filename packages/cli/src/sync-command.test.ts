import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { s3Store } from '@lake/storage'
import { findTool, needsTool, startS3Server } from '@lake/storage/testing'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { runCommandLine } from './command-line.ts'
import { capturedTerminal } from './testing/captured-terminal.ts'
import { awsVariables, fillWithSample, SAMPLE } from './testing/sample-server.ts'

const MINUTES = 'binance/spot/klines/BTCUSDT/1m'
const FIRST_DAY = 'data/spot/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2020-01-01.zip'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lake-cli-'))
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true })
})

async function lake(...argv: readonly string[]) {
  const terminal = capturedTerminal()
  const signal = new AbortController().signal
  const code = await runCommandLine({ argv, terminal, workingDirectory: folder, signal })
  return { code, out: terminal.stdout(), err: terminal.stderr() }
}

describe('lake sync', () => {
  test('takes files into bronze and no further, once', async () => {
    const argv = ['sync', '--source', SAMPLE, '--dataset', MINUTES] as const
    const first = await lake(...argv)
    expect(first.code).toBe(0)
    expect(first.out).toContain('3 files: 0 copied within the server, 3 through this machine, 0 were there already')
    expect((await readdir(join(folder, 'lake-data'))).sort()).toEqual(['.tmp', '_lake', 'bronze'])
    const { out } = await lake(...argv, '--json')
    expect(JSON.parse(out)).toMatchObject({
      files: 3,
      skipped: 3,
      bytesThroughClient: 0,
      modes: { direct: 0, traditional: 0 },
    })
    const run = await lake('run', '--source', SAMPLE, '--dataset', MINUTES, '--json')
    expect(JSON.parse(run.out)).toMatchObject({ datasets: [{ rows: 4320, filesTransferred: 0 }] })
  })

  test('takes what a scope selects, and says before how and why', async () => {
    const argv = ['sync', '--source', SAMPLE, '--market', 'um', 'cm', '--mode', 'traditional'] as const
    const { code, out } = await lake(...argv, '--dry-run')
    expect(code).toBe(0)
    expect(out).toMatch(/fundingRate-2026-04.zip +960 B +traditional +Asked for/)
    expect(out).toContain('2 files, 1.33 MB. Nothing was moved')
    expect(JSON.parse((await lake(...argv, '--dry-run', '--json')).out)).toMatchObject({
      dryRun: true,
      files: [{}, {}],
    })
    expect((await lake(...argv)).out).toContain('2 files: ')
    const again = await lake(...argv, '--dry-run')
    expect(again.out).toContain('0 files, 0 B. 2 more files lie in bronze already. Nothing was moved')
    expect(JSON.parse((await lake(...argv, '--dry-run', '--json')).out)).toMatchObject({ files: [], held: 2, bytes: 0 })
  })

  test.each(['sync', 'discover', 'run'])(
    'does not take a folder that is not there for an empty archive (%s)',
    async (verb) => {
      const argv = [verb, '--source', 'nowhere', ...(verb === 'run' ? ['--dataset', MINUTES] : [])]
      const { code, err } = await lake(...argv)
      expect(code).toBe(2)
      expect(err).toMatch(/There is no folder .*nowhere: --source names/)
    },
  )

  test('says of files without a published sha256 that nothing can verify them', async () => {
    const day = FIRST_DAY.slice(FIRST_DAY.indexOf('data/'))
    await cp(join(SAMPLE, day), join(folder, 'bare', day), { recursive: true })
    const { code, out } = await lake('sync', '--source', 'bare', '--dataset', MINUTES)
    expect(code).toBe(0)
    expect(out).toContain('1 file without a published sha256: nothing can verify them.')
    expect(out).not.toContain('not verified yet')
  })

  test('goes on past a file that is damaged at the source: partial is 3', async () => {
    await cp(SAMPLE, join(folder, 'archive'), { recursive: true })
    await writeFile(join(folder, 'archive', `${FIRST_DAY}.CHECKSUM`), `${'0'.repeat(64)}  BTCUSDT-1m-2020-01-01.zip\n`)
    const { code, out, err } = await lake('sync', '--source', 'archive', '--dataset', MINUTES)
    expect(out).toContain('1 failed')
    expect(err).toContain('[CHECKSUM_MISMATCH]')
    expect(code).toBe(3)
  })

  test.each([
    [['--dataset', 'binance/spot/klines/NOPE/1m'], 1, 'has no files of binance/spot/klines/NOPE/1m'],
    [['--symbol', 'NOPE*'], 1, 'has no files of what was asked for'],
    [['--mode', 'direct', '--market', 'um'], 1, 'A direct copy is not possible'],
    // Before the source is asked for anything.
    [['--source', 'http://127.0.0.1:1', '--mode', 'direct'], 1, 'A direct copy is not possible'],
    [['--bandwidth', 'fast'], 2, "not 'fast'"],
    [['--anonymous'], 2, 'Only a bucket'],
    [['--anonymous', '--source-profile', 'x'], 2, 'not both'],
    [['--anonymous', '--requester-pays'], 2, 'nobody cannot be charged'],
    [['--requester-pays'], 2, 'Only a bucket'],
    [['--mode', 'sideways'], 2, "'sideways' is invalid"],
    [['--dataset', 'binance/spot'], 2, 'is not a dataset'],
  ])('%j cannot be', async (argv, expected, why) => {
    const { code, err } = await lake('sync', '--source', SAMPLE, ...argv)
    expect(err).toContain(why)
    expect(code).toBe(expected)
  })

  test('copies from bucket to bucket without a byte through this machine', async ({ skip }) => {
    const s5cmd = findTool('s5cmd')
    if (s5cmd === undefined) return skip(needsTool('s5cmd'))
    if (findTool('versitygw') === undefined) skip(needsTool('versitygw'))
    await using server = await startS3Server({ buckets: ['archive', 'lake'] })
    vi.stubEnv('PATH', [dirname(s5cmd), process.env['PATH'] ?? ''].join(delimiter))
    for (const [name, value] of Object.entries(awsVariables(server))) vi.stubEnv(name, value)
    await fillWithSample(s3Store({ bucket: 'archive', ...server }))

    const place = ['--source', 's3://archive', '--lake', 's3://lake/my-lake'] as const
    const discovered = await lake('discover', ...place, '--json')
    expect(JSON.parse(discovered.out)).toMatchObject({ files: 7 })
    const plan = await lake('sync', ...place, '--dry-run')
    expect(plan.out).toMatch(/BTCUSDT-1m-2020-01-01.zip +69.5 kB +direct/)
    const { code, out } = await lake('sync', ...place, '--json')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      files: 7,
      failed: 0,
      bytesThroughClient: 0,
      localBytes: 0,
      modes: { direct: 7, traditional: 0 },
    })
    expect((await lake('verify', '--lake', 's3://lake/my-lake')).out).toContain('7 verified')
    const again = await lake('sync', ...place)
    expect(again.out).toContain('7 were there already, 0 failed.')
    expect(again.out).not.toContain('not verified')
    const run = await lake('run', ...place, '--dataset', MINUTES, '--json')
    expect(JSON.parse(run.out)).toMatchObject({ datasets: [{ rows: 4320, filesTransferred: 0 }], failures: [] })
    const other = await lake('sync', '--source', 's3://archive', '--lake', 's3://lake/other')
    expect(other.out).toContain('Down and up, the same takes 42 requests, and 1.54 MB through this machine.')
    expect(other.out).toContain('7 files not verified yet: the first reader compares the bytes, or lake verify.')
    expect((await lake('transfers', '--lake', 's3://lake/other')).out).toContain('100 % of all bytes did not pass')
  }, 60_000)
})

describe('who reads the source of lake sync', () => {
  const READER = { accessKeyId: 'reader', secretAccessKey: 'reader-secret' }

  test('is a profile, or nobody in particular, where the options say so', async ({ skip }) => {
    if (findTool('versitygw') === undefined) skip(needsTool('versitygw'))
    await using server = await startS3Server({
      buckets: ['private', 'public', 'lake'],
      users: [READER],
      policies: { public: 'public-read', private: readableBy(READER.accessKeyId) },
    })
    const profiles = `[reader]\naws_access_key_id = reader\naws_secret_access_key = reader-secret\nregion = us-east-1\n`
    await writeFile(
      join(folder, 'credentials'),
      `${profiles}[stranger]\naws_access_key_id = no\naws_secret_access_key = no\nregion = us-east-1\n`,
    )
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'credentials'))
    vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'none'))
    vi.stubEnv('AWS_ENDPOINT_URL_S3', server.endpoint)
    const key = 'data/futures/um/monthly/fundingRate/BTCUSDT/BTCUSDT-fundingRate-2026-04.zip'
    for (const bucket of ['private', 'public']) {
      await fillWithSample(s3Store({ bucket, ...server }), [key, `${key}.CHECKSUM`])
    }
    const from = async (source: string, ...more: string[]) => {
      const { code, err } = await lake('sync', '--source', source, '--market', 'um', '--json', ...more)
      return { code, err }
    }
    expect(await from('s3://private', '--source-profile', 'stranger')).toMatchObject({ code: 1 })
    expect(await from('s3://private', '--anonymous')).toMatchObject({ code: 1 })
    expect(await from('s3://private', '--source-profile', 'reader')).toEqual({
      code: 0,
      err: expect.any(String) as string,
    })
    await rm(join(folder, 'lake-data'), { recursive: true })
    expect(await from('s3://public', '--anonymous', '--bandwidth', '1MB')).toMatchObject({ code: 0 })
    expect((await lake('verify')).out).toContain('1 verified')
  })
})

function readableBy(user: string): Record<string, unknown> {
  const Resource = ['arn:aws:s3:::private', 'arn:aws:s3:::private/*']
  const Statement = [{ Effect: 'Allow', Principal: { AWS: user }, Action: ['s3:GetObject', 's3:ListBucket'], Resource }]
  return { Version: '2012-10-17', Statement }
}

describe('lake transfers', () => {
  test('tells what each sync has moved, and the trend', async () => {
    expect((await lake('transfers')).out).toContain('Nothing was transferred into ')
    await lake('sync', '--source', SAMPLE, '--dataset', MINUTES)
    await lake('sync', '--source', SAMPLE)
    const { code, out } = await lake('transfers')
    expect(code).toBe(0)
    const [header, first, second] = out.split('\n')
    expect(header).toMatch(
      /^started +way +moved +skipped +failed +bytes +MB\/s +requests +\(down and up\) +through here/,
    )
    expect(first).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +traditional +3 +0 +0 +213 kB /)
    expect(second).toMatch(/ traditional +\d+ +3 +0 /)
    expect(out).toMatch(
      /traditional: 2 transfers, [\d.]+ MB\/s in the median, the last one \d+ % of the median before it\./,
    )
    expect(out).toContain('0 % of all bytes did not pass through this machine.')
    const json = await lake('transfers', '--last', '1', '--json')
    expect(json.out).not.toContain('byFile')
    expect(JSON.parse(json.out)).toMatchObject({
      transfers: [{ skipped: 3, mode: 'auto', complete: true }],
      trend: { direct: { runs: 0 }, traditional: { runs: 1 }, bytesKeptOffClient: 0 },
    })
    expect(await lake('transfers', '--last', 'all')).toMatchObject({
      ...{ code: 2, err: "lake: --last takes a whole number above zero, not 'all'. [BAD_REQUEST]\n" },
    })
  })

  test('a report that cannot be read is named', async () => {
    await lake('sync', '--source', SAMPLE, '--dataset', MINUTES)
    const reports = join(folder, 'lake-data/_lake/reports/transfers')
    await writeFile(join(reports, '2026-01-01T000000.000Z-damaged.json'), '{')
    const { code, err } = await lake('transfers')
    expect(code).toBe(3)
    expect(err).toContain('the report _lake/reports/transfers/2026-01-01T000000.000Z-damaged.json cannot be read')
  })
})

describe('lake verify', () => {
  test('of a place without a lake says that there is nothing', async () => {
    const { code, out } = await lake('verify', '--lake', './nowhere')
    expect(code).toBe(0)
    expect(out).toMatch(/^There is nothing to verify in file:.*nowhere\. Is it the lake that you mean\?\n$/)
  })

  test('reads every byte, puts aside what is damaged, and the next run rebuilds it', async () => {
    await lake('run', '--source', SAMPLE, '--dataset', MINUTES)
    const whole = await lake('verify', '--json')
    expect(whole.code).toBe(0)
    expect(JSON.parse(whole.out)).toMatchObject({ files: 7, verified: 7, quarantined: 0, problems: [] })

    const partition =
      'silver/klines/exchange=binance/market=spot/symbol=BTCUSDT/interval=1m/month=2020-01/2020-01.parquet'
    await writeFile(join(folder, 'lake-data', partition), 'damaged')
    await writeFile(join(folder, 'lake-data/bronze/binance/archive', FIRST_DAY), 'damaged')
    const { code, out } = await lake('verify', '--source', SAMPLE)
    expect(code).toBe(3)
    expect(out).toContain(`repaired: bronze/binance/archive/${FIRST_DAY}`)
    expect(out).toContain(`quarantined: ${partition}, its bytes lie in _lake/quarantine/partitions/`)

    expect((await lake('verify')).out).toContain(`missing: ${partition}`)
    expect((await lake('run', '--source', SAMPLE, '--dataset', MINUTES)).code).toBe(0)
    expect((await lake('verify')).out).toContain('7 files, ')
    expect((await lake('verify')).code).toBe(0)
  })
})
