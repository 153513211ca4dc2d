import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { S3Credentials } from '@lake/storage'

/** One request that the server answered, as its own log has it. */
export interface LoggedRequest {
  /** As in `PutObject`, `CopyObject`, `ListObjectsV2`. */
  readonly operation: string
  readonly status: number
}

export interface S3Server extends AsyncDisposable {
  readonly endpoint: string
  readonly credentials: S3Credentials
  /** The folder that has the buckets as folders. */
  readonly folder: string
  /** All requests so far. */
  requests(): Promise<LoggedRequest[]>
}

/** A real S3 server, versitygw, on a free port of 127.0.0.1, with empty buckets. */
export async function startS3Server(options: {
  readonly program: string
  readonly buckets: readonly string[]
}): Promise<S3Server> {
  const root = await mkdtemp(join(tmpdir(), 'lake-s3-'))
  const folder = join(root, 'buckets')
  const log = join(root, 'access.log')
  for (const bucket of options.buckets) await mkdir(join(folder, bucket), { recursive: true })
  const port = await freePort()
  const credentials = { accessKeyId: 'lakeroot', secretAccessKey: 'a-secret-of-the-test' }
  const child = spawn(
    options.program,
    ['--port', `127.0.0.1:${port}`, '--access-log', log, '--quiet', 'posix', folder],
    {
      stdio: 'ignore',
      env: { ROOT_ACCESS_KEY: credentials.accessKeyId, ROOT_SECRET_KEY: credentials.secretAccessKey },
    },
  )
  const ended = once(child, 'exit')
  const endpoint = `http://127.0.0.1:${port}`
  await untilAnswering(endpoint)
  return {
    endpoint,
    credentials,
    folder,
    requests: async () => {
      const lines = (await readFile(log, 'utf8')).split('\n')
      return lines.flatMap((line) => {
        const match = / s3_(\w+) .*? (\d{3}) (?:-|\w+) (?:-|\d+) (?:-|\d+) /.exec(line)
        return match === null ? [] : [{ operation: match[1] ?? '', status: Number(match[2]) }]
      })
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await ended
      await rm(root, { recursive: true, force: true })
    },
  }
}

async function untilAnswering(endpoint: string): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    const answered = await fetch(endpoint).then(
      () => true,
      () => false,
    )
    if (answered) return
    await sleep(50)
  }
  throw new Error(`${endpoint} does not answer`)
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
