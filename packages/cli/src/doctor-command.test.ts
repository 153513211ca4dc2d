import { findTool, needsTool, startS3Server } from '@lake/storage/testing'
import { afterEach, expect, test, vi } from 'vitest'
import { runCommandLine } from './command-line.ts'
import { capturedTerminal } from './testing/captured-terminal.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

test('doctor calls a lake in S3 sound, says that SQL needs a folder, and names what is broken', async ({ skip }) => {
  if (findTool('versitygw') === undefined) skip(needsTool('versitygw'))
  await using server = await startS3Server({ buckets: ['lake'] })
  vi.stubEnv('AWS_ACCESS_KEY_ID', server.credentials.accessKeyId)
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', server.credentials.secretAccessKey)
  vi.stubEnv('AWS_ENDPOINT_URL_S3', server.endpoint)
  vi.stubEnv('AWS_REGION', server.region)
  const sound = await doctor('s3://lake/one')
  expect(sound.code).toBe(0)
  expect(sound.out).not.toContain('PROBLEM')
  expect(sound.out).toMatch(/ok +SQL engine +DuckDB v\S+; it reads lakes in a folder: copy this one to a disk for SQL/)
  expect(sound.out).toMatch(/ok +free space +not known for this store/)
  const broken = await doctor('s3://elsewhere')
  expect(broken.code).toBe(1)
  expect(broken.out).toMatch(/PROBLEM +lake can be written +.*elsewhere/)
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'wrong')
  const refused = await doctor('s3://lake/one')
  expect(refused.code).toBe(1)
  expect(refused.out).toMatch(/PROBLEM +manifests can be read/)
})

async function doctor(lake: string) {
  const terminal = capturedTerminal()
  const signal = new AbortController().signal
  const code = await runCommandLine({ argv: ['doctor', '--lake', lake], terminal, workingDirectory: '/', signal })
  return { code, out: terminal.stdout() }
}
