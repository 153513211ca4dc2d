// Moving an archive within an S3 server, side by side on loopback: our direct and traditional ways, and plain s5cmd.
//
//   npm run setup:tools && npm run build && node bench/transfer.mjs [--rounds N] [--only small|large|slow-line|memory]
//     [--ways direct,cp,tuned] [--folder /dev/shm]
//
// In each round everybody has a turn, so that whatever else the machine does befalls all of them, and what counts is
// the median of the rounds' ratios. `cp` is s5cmd as anybody runs it; `tuned` is the same with the setting of its garbage
// collector that lake gives it. Requests are counted by the server.
// The data lie in memory where the system has such a folder: a disk is noisier than what is measured here. The seconds
// of processor are all of both sides, the server's too: they are the same however busy the machine is. The slow line
// is a proxy before the server that adds a round trip of 20 ms and shares a fixed bandwidth.
import { fork, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpus, loadavg } from 'node:os'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { detectS5cmd, transfer } from '@lake/ingest-s5cmd'
import { s3Store } from '@lake/storage'
import { dataFolder } from './transfer/data-folder.mjs'
import { fillBucket } from './transfer/fill-bucket.mjs'
import { processorSeconds } from './transfer/processor.mjs'
import { startServer } from './transfer/s3-server.mjs'
import { findTool } from './transfer/tool.mjs'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    only: { type: 'string' },
    ways: { type: 'string', default: 'direct,cp,tuned,through,named,traditional,streamed' },
    folder: { type: 'string' },
  },
})
const rounds = Number(values.rounds)
const s5cmdPath = findTool('s5cmd')
const data = dataFolder(values.folder)
const server = await startServer(findTool('versitygw'), data.path)
const { s5cmd } = await detectS5cmd({ path: s5cmdPath })
const work = mkdtempSync(join(data.path, 'lake-bench-'))
const environment = { ...process.env, ...server.environment }
Object.assign(process.env, server.environment)
let places = 0

try {
  console.log(
    `${cpus().length} x ${cpus()[0].model}, Node ${process.version}, s5cmd ${s5cmd.version}, versitygw on loopback, ` +
      `data in ${data.path} (${data.kind}), load ${loadavg()[0].toFixed(1)} before`,
  )
  for (const [bucket, count, bytes] of [
    ['small', 1000, 200_000],
    ['large', 50, 20_000_000],
  ]) {
    if (!isWanted(bucket)) continue
    await compare(await fillBucket({ server, bucket, count, bytes }), { endpoint: server.endpoint, rounds })
    await server.empty(bucket)
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
async function compare({ bucket, files, listed, bytes }, { endpoint, rounds: times, note = '' }) {
  const ways = waysOf({ bucket, files, listed, endpoint }).filter(({ way }) => values.ways.split(',').includes(way))
  const results = new Map(ways.map(({ way }) => [way, { seconds: [], processor: [], requests: 0, client: undefined }]))
  for (let round = 0; round < times; round++) {
    // Each round has another order, to and fro: what one leaves to the disk to write, and to this process to collect,
    // the next one waits for.
    const turn = round % ways.length
    const order = [...ways.slice(turn), ...ways.slice(0, turn)]
    for (const { way, run } of round % 2 === 0 ? order : order.toReversed()) {
      if (!data.isMemory) spawnSync('sync')
      const result = results.get(way)
      const before = server.requests()
      const processorBefore = processorSeconds(server.pid)
      const started = performance.now()
      const report = await run(`run${++places}`)
      result.seconds.push((performance.now() - started) / 1000)
      const processorAfter = processorSeconds(server.pid)
      if (processorAfter !== undefined) result.processor.push(processorAfter - processorBefore)
      result.requests = server.requests() - before
      result.client = report?.bytesThroughClient
      await server.empty('target')
    }
  }
  console.log(`\n${files.length} objects of ${bytes / 1e6 / files.length} MB${note}: median of ${times}`)
  for (const { way, name } of ways) console.log(`  ${name.padEnd(27)} ${lineOf(results, way, bytes)}`)
}

function lineOf(results, way, bytes) {
  const { seconds, processor, requests, client } = results.get(way)
  const ratio = (values, others) => median(values.map((value, round) => value / others[round]))
  const percent = (share) => `${(100 * share).toFixed(0)} %`.padStart(5)
  const share = (other) => {
    const others = results.get(other)
    return others === undefined ? '' : `${percent(ratio(seconds, others.seconds))} of ${other}`
  }
  const work = () => {
    const others = results.get('cp')?.processor ?? []
    const own = `${median(processor).toFixed(2)} s of processor`
    return others.length === 0 ? own : `${own}, ${percent(ratio(processor, others)).trim()} of cp`
  }
  const saved = (other) => {
    const others = results.get(other)?.requests
    return way !== 'direct' || others === undefined
      ? ''
      : `, ${(100 - (100 * requests) / others).toFixed(2)} % less than ${other}`
  }
  const middle = median(seconds)
  return [
    `${middle.toFixed(2).padStart(6)} s ${(bytes / 1e6 / middle).toFixed(0).padStart(5)} MB/s`,
    ...['cp', 'tuned', 'through'].map(share),
    processor.length === 0 ? '' : work(),
    `${String(requests).padStart(5)} requests${saved('through')}${saved('named')}`,
    client === undefined ? '' : `${client} payload bytes through the client`,
  ].join('  ')
}

function waysOf({ bucket, files, listed, endpoint }) {
  const move = (options) => async (place) => ours({ bucket, files, listed, place, endpoint, ...options })
  return [
    { way: 'direct', name: 'lake direct', run: move({ mode: 'direct' }) },
    { way: 'cp', name: 's5cmd cp within the server', run: async (place) => plainCopy({ bucket, place, endpoint }) },
    {
      way: 'tuned',
      name: 'the same, tuned as by lake',
      run: async (place) => plainCopy({ bucket, place, endpoint, GOGC: '400' }),
    },
    { way: 'through', name: 's5cmd down and up', run: async (place) => plainThrough({ bucket, place, endpoint }) },
    {
      way: 'named',
      name: 'the same, file by file',
      run: async (place) => plainThroughNamed({ bucket, files, place, endpoint }),
    },
    { way: 'traditional', name: 'lake traditional, by s5cmd', run: move({ mode: 'traditional' }) },
    { way: 'streamed', name: 'lake traditional, streamed', run: move({ mode: 'traditional', s5cmd: false }) },
  ]
}

async function ours({ bucket, files, listed, place, endpoint, mode, s5cmd: program = s5cmd }) {
  const options = { endpoint, region: 'us-east-1' }
  const source = s3Store({ ...options, bucket })
  const target = s3Store({ ...options, bucket: 'target', prefix: place })
  const targetKey = ({ key }) => key
  const report = await transfer({
    files,
    source,
    target,
    listed,
    targetKey,
    mode,
    s5cmd: program,
    environment,
    saveReport: false,
  })
  if (report.failed > 0 || report.fallbacks > 0) throw new Error(JSON.stringify(report.byFile.at(-1)))
  return report
}

async function plainCopy({ bucket, place, endpoint, ...variables }) {
  await runS5cmd(endpoint, ['cp', `s3://${bucket}/*`, `s3://target/${place}/`], [], variables)
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
async function runS5cmd(endpoint, args, lines = [], variables = {}) {
  const child = spawn(s5cmdPath, ['--endpoint-url', endpoint, '--log', 'error', ...args], {
    env: { ...environment, ...variables },
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
