import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { LakeError } from '@lake/core'
import type { S3Credentials } from '../s3-options.ts'
import { followAccessLog, type S3ServerRequest } from './access-log.ts'
import { findTool, needsTool } from './find-tool.ts'
import { createUsers, makeBuckets } from './s3-server-content.ts'
import type { S3ServerOptions } from './s3-server-options.ts'

export interface S3Server extends AsyncDisposable {
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string
  readonly region: string
  /** Those of the root user, who may do everything. */
  readonly credentials: S3Credentials
  /** The folder that has a folder for each bucket. */
  readonly directory: string
  readonly pid: number
  /** Every request of S3 since the buckets were made, as the server's access log has it. */
  requests(): Promise<readonly S3ServerRequest[]>
  close(): Promise<void>
}

/**
 * A real server of S3, versitygw, on 127.0.0.1.
 *
 * @throws {@link LakeError} `UNSUPPORTED` when versitygw is not installed, `STORE_FAILED` when it does not start.
 *
 * @example
 * await using server = await startS3Server({ buckets: ['lake'] })
 * const store = s3Store({ bucket: 'lake', ...server })
 */
export async function startS3Server(options: S3ServerOptions): Promise<S3Server> {
  const program = findTool('versitygw')
  if (program === undefined) throw new LakeError('UNSUPPORTED', needsTool('versitygw'))
  const folder = await mkdtemp(join(tmpdir(), 'lake-s3-'))
  const directory = options.directory ?? join(folder, 'buckets')
  const region = options.region ?? 'us-east-1'
  const port = options.port ?? (await freePort())
  const log = join(folder, 'access.log')
  const users = join(folder, 'users')
  await Promise.all([mkdir(directory, { recursive: true }), mkdir(users)])
  const globals = ['--port', `127.0.0.1:${port}`, '--region', region, '--access-log', log, '--iam-dir', users]
  const keep = ['--keep-alive', '--health', HEALTH, '--quiet', '--iam-cache-disable']
  const child = spawn(program, [...globals, ...keep, ...(options.arguments ?? []), 'posix', directory], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ROOT_ACCESS_KEY: ROOT.accessKeyId, ROOT_SECRET_KEY: ROOT.secretAccessKey },
  })
  const killChild = (): void => {
    child.kill('SIGKILL')
  }
  process.once('exit', killChild)
  const close = async (): Promise<void> => {
    process.removeListener('exit', killChild)
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit')
      killChild()
      await ended
    }
    await rm(folder, { recursive: true, force: true })
  }
  const endpoint = `http://127.0.0.1:${port}`
  try {
    await untilReady(child, endpoint)
    const access = { endpoint, region, credentials: ROOT }
    await createUsers(program, access, options.users ?? [])
    await makeBuckets(access, options)
  } catch (error) {
    await close()
    throw error
  }
  const { size } = await stat(log)
  return {
    endpoint,
    region,
    credentials: ROOT,
    directory,
    pid: child.pid ?? 0,
    requests: followAccessLog(log, size),
    close,
    [Symbol.asyncDispose]: close,
  }
}

const ROOT = { accessKeyId: 'test', secretAccessKey: 'testtest' }
const HEALTH = '/-/health'

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function untilReady(child: ChildProcess, endpoint: string): Promise<void> {
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  for (let tries = 0; tries < 600; tries++) {
    if (child.exitCode !== null || child.pid === undefined) break
    const [answer] = await Promise.allSettled([fetch(endpoint + HEALTH)])
    if (answer.status === 'fulfilled' && answer.value.ok) return
    await sleep(50)
  }
  throw new LakeError('STORE_FAILED', `versitygw did not start at ${endpoint}: ${said.trim()}`)
}
