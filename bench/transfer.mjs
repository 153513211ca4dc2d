// Moving an archive within an S3 server, side by side on loopback: our direct and traditional ways, and plain s5cmd.
//
//   npm run setup:tools && npm run build && node bench/transfer.mjs [--rounds N] [--only loopback|slow-line|memory]
//
// Rounds are interleaved, so that whatever else the machine does befalls everybody. Requests are counted by the
// server. The slow line is a proxy before the server that adds a round trip of 20 ms and shares a fixed bandwidth.
import { fork, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpus, loadavg, tmpdir } from 'node:os'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { detectS5cmd, transfer } from '@lake/ingest-s5cmd'
import { s3Store } from '@lake/storage'
import { fillBucket } from './transfer/fill-bucket.mjs'
import { startServer } from './transfer/s3-server.mjs'
import { findTool } from './transfer/tool.mjs'

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, only: { type: 'string' } },
})
const rounds = Number(values.rounds)
const s5cmdPath = findTool('s5cmd')
const server = await startServer(findTool('versitygw'))
const { s5cmd } = await detectS5cmd({ path: s5cmdPath })
const work = mkdtempSync(join(tmpdir(), 'lake-bench-'))
const environment = { ...process.env, ...server.environment }
Object.assign(process.env, server.environment)
let places = 0

try {
  console.log(
    `${cpus().length} x ${cpus()[0].model}, Node ${process.version}, s5cmd ${s5cmd.version}, versitygw on loopback, ` +
      `load ${loadavg()[0].toFixed(1)} before`,
  )
  if (isWanted('loopback')) {
    for (const [bucket, count, bytes] of [
      ['small', 1000, 200_000],
      ['large', 50, 20_000_000],
    ]) {
      // prettier-ignore
      await compare(await fillBucket({ server, bucket, count, bytes }), { endpoint: server.endpoint, rounds })
    }
  }
  if (isWanted('slow-line')) {
    const few = await fillBucket({ server, bucket: 'few', count: 200, bytes: 200_000 })
    const line = fork(new URL('transfer/slow-line-process.mjs', import.meta.url), [server.endpoint, '10', '50e6'])
    try {
      const [endpoint] = await once(line, 'message')
      await compare(few, { endpoint, rounds, note: ', 20 ms round trip, 50 MB/s' })
    } finally {
      line.kill()
    }
  }
  if (isWanted('memory')) {
    await measureChild('plan a million files', 'transfer/plan-million.mjs', [])
    await fillBucket({ server, bucket: 'many', count: 10_000, bytes: 1000 })
    await measureChild('move 10,000 files directly', 'transfer/move-many.mjs', [server.endpoint, s5cmdPath])
  }
} finally {
  await server.close()
  rmSync(work, { recursive: true, force: true })
}

function isWanted(part) {
  return values.only === undefined || values.only === part
}

/** Each way, `rounds` times in turn. */
async function compare({ bucket, files, bytes }, { endpoint, rounds: times, note = '' }) {
  const ways = [
    ['lake direct', (place) => ours({ bucket, files, place, endpoint, mode: 'direct' })],
    ['s5cmd cp within the server', (place) => plainCopy({ bucket, place, endpoint })],
    ['s5cmd down and up', (place) => plainThrough({ bucket, place, endpoint })],
    ['the same, file by file', (place) => plainThroughNamed({ bucket, files, place, endpoint })],
    ['lake traditional, by s5cmd', (place) => ours({ bucket, files, place, endpoint, mode: 'traditional' })],
    [
      'lake traditional, streamed',
      (place) => ours({ bucket, files, place, endpoint, mode: 'traditional', s5cmd: false }),
    ],
  ]
  const results = new Map(ways.map(([name]) => [name, { seconds: [], requests: 0, client: undefined }]))
  for (let round = 0; round < times; round++) {
    // Each round has another order, to and fro: what one leaves to the disk to write, and to this process to collect,
    // the next one waits for.
    const turn = round % ways.length
    const order = [...ways.slice(turn), ...ways.slice(0, turn)]
    for (const [name, run] of round % 2 === 0 ? order : order.toReversed()) {
      spawnSync('sync')
      const result = results.get(name)
      const before = server.requests()
      const started = performance.now()
      const report = await run(`run${++places}`)
      result.seconds.push((performance.now() - started) / 1000)
      result.requests = server.requests() - before
      result.client = report?.bytesThroughClient
      await server.empty('target')
    }
  }
  console.log(`\n${files.length} objects of ${bytes / 1e6 / files.length} MB${note}: median of ${times}`)
  const timeOf = (name) => median(results.get(name).seconds)
  const requestsOf = (name) => results.get(name).requests
  const saved = (name) => `${(100 - (100 * requestsOf('lake direct')) / requestsOf(name)).toFixed(1)} %`
  for (const [name, { requests, client }] of results) {
    const seconds = timeOf(name)
    const share = (other) => `${((100 * seconds) / timeOf(other)).toFixed(0)} %`.padStart(6)
    console.log(
      `  ${name.padEnd(27)} ${seconds.toFixed(2).padStart(6)} s  ${(bytes / 1e6 / seconds).toFixed(0).padStart(5)} MB/s` +
        `  ${share('s5cmd cp within the server')} of cp  ${share('s5cmd down and up')} of down+up` +
        `  ${String(requests).padStart(5)} requests` +
        (client === undefined ? '' : `  ${client} payload bytes through the client`),
    )
  }
  console.log(
    `  requests saved by lake direct: ${saved('s5cmd down and up')} of down and up by wildcards, ` +
      `${saved('the same, file by file')} of file by file`,
  )
}

async function ours({ bucket, files, place, endpoint, mode, s5cmd: program = s5cmd }) {
  const options = { endpoint, region: 'us-east-1' }
  const source = s3Store({ ...options, bucket })
  const target = s3Store({ ...options, bucket: 'target', prefix: place })
  const targetKey = ({ key }) => key
  const report = await transfer({
    files,
    source,
    target,
    targetKey,
    mode,
    s5cmd: program,
    environment,
    saveReport: false,
  })
  if (report.failed > 0 || report.fallbacks > 0) throw new Error(JSON.stringify(report.byFile.at(-1)))
  return report
}

async function plainCopy({ bucket, place, endpoint }) {
  await runS5cmd(endpoint, ['cp', `s3://${bucket}/*`, `s3://target/${place}/`])
}

async function plainThrough({ bucket, place, endpoint }) {
  const folder = join(work, place)
  await runS5cmd(endpoint, ['cp', `s3://${bucket}/*`, `${folder}/`])
  await runS5cmd(endpoint, ['cp', `${folder}/`, `s3://target/${place}/`])
  rmSync(folder, { recursive: true })
}

/** As a plan needs it, which names its files. */
async function plainThroughNamed({ bucket, files, place, endpoint }) {
  const folder = join(work, place)
  mkdirSync(folder)
  const pathOf = (key) => join(folder, key.replaceAll('/', '_'))
  await runS5cmd(
    endpoint,
    ['run'],
    files.map(({ key }) => `cp s3://${bucket}/${key} ${pathOf(key)}`),
  )
  await runS5cmd(
    endpoint,
    ['run'],
    files.map(({ key }) => `cp ${pathOf(key)} s3://target/${place}/${key}`),
  )
  rmSync(folder, { recursive: true })
}

/** Not synchronously: the slow line is in this process. */
async function runS5cmd(endpoint, args, lines = []) {
  const child = spawn(s5cmdPath, ['--endpoint-url', endpoint, '--log', 'error', ...args], {
    env: environment,
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  child.stdin.end(lines.map((line) => `${line}\n`).join(''))
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`s5cmd ended with ${code}`)
}

async function measureChild(name, script, args) {
  const path = fileURLToPath(new URL(script, import.meta.url))
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', path, ...args], {
    env: environment,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
  console.log(`\n${name}\n  ${stdout.trim().replaceAll('\n', '\n  ')}`)
}

function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
