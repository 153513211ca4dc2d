import { createHash } from 'node:crypto'
import { type ObjectStore, parseDatasetId, parsePeriod, readObject } from '@lake/core'
import { s3Store } from '@lake/storage'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ArchiveFile } from './archive-file.ts'
import { findTool, needsTool } from './testing/find-tool.ts'
import { type S3Server, startS3Server } from './testing/start-s3-server.ts'
import { transfer } from './transfer.ts'

const program = findTool('versitygw')
const s5cmdPath = findTool('s5cmd')
const missing = program === undefined ? 'versitygw' : s5cmdPath === undefined ? 's5cmd' : undefined

describe('smoke', () => {
  test('x', async () => {
    await using server = await startS3Server({ program: program ?? '', buckets: ['source', 'target'] })
    const open = (bucket: string) => s3Store({ bucket, endpoint: server.endpoint, credentials: server.credentials })
    const source = open('source')
    const files: ArchiveFile[] = []
    for (let i = 0; i < 20; i++) {
      const key = `data/spot/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2024-01-${String(i + 1).padStart(2, '0')}.zip`
      const bytes = Buffer.from('x'.repeat(1000 + i))
      const info = await source.put(key, bytes)
      const name = key.split('/').at(-1)
      await source.put(`${key}.CHECKSUM`, Buffer.from(`${createHash('sha256').update(bytes).digest('hex')}  ${name}\n`))
      files.push({
        key,
        size: bytes.length,
        etag: info.etag,
        checksumKey: `${key}.CHECKSUM`,
        dataset: parseDatasetId('binance/spot/klines/BTCUSDT/1m'),
        period: parsePeriod('2024-01-01'),
      })
    }
    const before = (await server.requests()).length
    for (const mode of ['auto', 'auto', 'traditional'] as const) {
      const target =
        mode === 'traditional'
          ? s3Store({ bucket: 'target', prefix: 'x', endpoint: server.endpoint, credentials: server.credentials })
          : open('target')
      const report = await transfer({
        files,
        source,
        target,
        mode,
        credentials: server.credentials,
        s5cmd: { path: s5cmdPath ?? '', version: '2.3.0' },
      })
      console.log({ ...report, byFile: report.byFile.slice(0, 1) })
    }
    const ops = (await server.requests()).slice(before)
    const counts: Record<string, number> = {}
    for (const { operation, status } of ops)
      counts[`${operation} ${status}`] = (counts[`${operation} ${status}`] ?? 0) + 1
    console.log(
      counts,
      needsTool('x'),
      missing,
      afterAll,
      beforeAll,
      readObject,
      {} as unknown as ObjectStore,
      {} as S3Server,
      expect,
    )
  })
})
