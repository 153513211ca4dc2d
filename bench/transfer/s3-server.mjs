import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, mkdtempSync, openSync, readSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A real S3 server on loopback that counts its requests. */
export async function startServer(program, parent) {
  const root = mkdtempSync(join(parent, 'lake-bench-s3-'))
  const folder = join(root, 'buckets')
  const log = join(root, 'access.log')
  const buckets = ['small', 'large', 'few', 'many', 'target']
  for (const bucket of buckets) mkdirSync(join(folder, bucket), { recursive: true })
  const port = await freePort()
  const environment = { AWS_ACCESS_KEY_ID: 'bench', AWS_SECRET_ACCESS_KEY: 'bench-secret', AWS_REGION: 'us-east-1' }
  const child = spawn(program, ['--port', `127.0.0.1:${port}`, '--access-log', log, '--quiet', 'posix', folder], {
    stdio: 'ignore',
    // In a session of its own, as a server is: Linux shares the processor out among sessions, and lake starts s5cmd in one.
    detached: true,
    env: { ROOT_ACCESS_KEY: environment.AWS_ACCESS_KEY_ID, ROOT_SECRET_KEY: environment.AWS_SECRET_ACCESS_KEY },
  })
  const endpoint = `http://127.0.0.1:${port}`
  while (!(await fetch(endpoint).catch(() => undefined))) await sleep(50)
  return {
    endpoint,
    environment,
    pid: child.pid,
    /** So many requests were answered: lines of the server's own log. */
    requests: () => countLines(log),
    empty: async (bucket) => {
      rmSync(join(folder, bucket), { recursive: true })
      mkdirSync(join(folder, bucket))
    },
    close: async () => {
      child.kill('SIGKILL')
      await once(child, 'exit')
      rmSync(root, { recursive: true, force: true })
    },
  }
}

function countLines(path) {
  const file = openSync(path, 'r')
  const buffer = Buffer.alloc(1 << 20)
  let lines = 0
  for (let offset = 0; offset < statSync(path).size;) {
    const length = readSync(file, buffer, 0, buffer.length, offset)
    for (let index = 0; index < length; index++) if (buffer[index] === 10) lines++
    offset += length
  }
  closeSync(file)
  return lines
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}
