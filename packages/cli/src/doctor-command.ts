import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, rmdir, stat, statfs } from 'node:fs/promises'
import { availableParallelism, tmpdir, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LakeError, type ObjectStore } from '@lake/core'
import { detectS5cmd } from '@lake/ingest-s5cmd'
import { openStore } from '@lake/storage'
import type { CommandContext, CommonOptions } from './command-context.ts'
import { EXIT } from './exit-code.ts'
import { formatBytes } from './format-number.ts'
import { cellText } from './object-table.ts'
import { openLake } from './open-lake.ts'
import { openSqlEngine } from './open-sql-engine.ts'
import { textTable } from './text-table.ts'

/** One thing that was looked at. */
interface Finding {
  readonly name: string
  readonly ok: boolean
  /** True for what a lake does well without, and this machine lacks. */
  readonly isAbsent?: boolean | undefined
  readonly detail: string
}

/**
 * `lake doctor`: whether this machine and this lake have what a run and a query need. Changes nothing. What a lake of its
 * kind never has is said and is no problem: the exit code tells what is broken.
 */
export async function doctorCommand(
  options: CommonOptions,
  { terminal, workingDirectory }: CommandContext,
): Promise<number> {
  const { store } = await openLake(options.lake, { workingDirectory })
  const findings = [
    checkNode(),
    { name: 'machine', ok: true, detail: `${availableParallelism()} cores, ${formatBytes(totalmem())} of memory` },
    await attempt('lake can be written', () => checkWrite(store)),
    await attempt('free space', () => checkSpace(store)),
    await attempt('manifests can be read', () => checkManifests(options, workingDirectory)),
    await attempt('SQL engine', () => checkEngine(store)),
    await checkS5cmd(),
  ]
  if (options.json === true) terminal.out(`${JSON.stringify({ lake: store.url, checks: findings })}\n`)
  else {
    terminal.out(
      textTable(findings, [
        { title: '', text: stateOf },
        { title: 'check', text: ({ name }) => name },
        { title: 'finding', text: ({ detail }) => detail },
      ]),
    )
  }
  return findings.every(({ ok }) => ok) ? EXIT.complete : EXIT.failed
}

function stateOf({ ok, isAbsent = false }: Finding): string {
  if (!ok) return 'PROBLEM'
  return isAbsent ? '-' : 'ok'
}

function checkNode(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const ok = major > 20 || (major === 20 && minor >= 19)
  return {
    name: 'Node.js',
    ok,
    detail: ok ? process.versions.node : `${process.versions.node}; 20.19 or newer is needed`,
  }
}

async function attempt(name: string, check: () => Promise<string>): Promise<Finding> {
  try {
    return { name, ok: true, detail: await check() }
  } catch (error) {
    if (!LakeError.is(error)) throw error
    return { name, ok: false, detail: error.message }
  }
}

/** A small object is put and taken away again; a folder that does not exist yet is not made for that. */
async function checkWrite(store: ObjectStore): Promise<string> {
  if (store.url.startsWith('file:')) {
    const folder = fileURLToPath(store.url)
    const above = await nearestFolder(folder)
    if (above !== folder) return checkFolder(above, store.url)
  }
  const key = `_lake/doctor-${randomUUID()}`
  await store.put(key, new Uint8Array(1), { ifAbsent: true })
  await store.delete(key)
  return store.url
}

/** A folder itself, or the nearest one above it that exists. */
async function nearestFolder(folder: string): Promise<string> {
  const exists = await stat(folder).then(
    () => true,
    () => false,
  )
  return exists || folder === dirname(folder) ? folder : nearestFolder(dirname(folder))
}

/** Rights alone do not tell: a folder is made there, and taken away again. */
async function checkFolder(above: string, url: string): Promise<string> {
  try {
    await rmdir(await mkdtemp(join(above, '.lake-doctor-')))
    return `${url} is not there yet, and can be made`
  } catch (cause) {
    throw new LakeError(
      'STORE_FAILED',
      `${url} is not there yet, and ${above} may not be written. Name another place with --lake.`,
      {
        cause,
        details: { path: above },
      },
    )
  }
}

async function checkSpace(store: ObjectStore): Promise<string> {
  if (!store.url.startsWith('file:')) return 'not known for this store'
  const { bavail, bsize } = await statfs(await nearestFolder(fileURLToPath(store.url)))
  return formatBytes(bavail * bsize)
}

async function checkManifests(options: CommonOptions, workingDirectory: string): Promise<string> {
  const lake = await openLake(options.lake, { workingDirectory })
  let count = 0
  for await (const _ of lake.ledger.manifests()) count++
  return String(count)
}

/** Its absence is no problem: files then stream through this process. */
async function checkS5cmd(): Promise<Finding> {
  const { s5cmd, problem } = await detectS5cmd()
  return s5cmd === undefined
    ? { name: 's5cmd', ok: true, isAbsent: true, detail: problem }
    : { name: 's5cmd', ok: true, detail: `${s5cmd.version} at ${s5cmd.path}` }
}

/** SQL over a bucket is not to be had: the engine is asked about an empty folder then, and that it needs one is said. */
async function checkEngine(store: ObjectStore): Promise<string> {
  if (store.url.startsWith('file:')) return engineOf(store)
  const folder = await mkdtemp(join(tmpdir(), 'lake-doctor-'))
  try {
    const engine = await engineOf(openStore(folder))
    return `${engine}; it reads lakes in a folder: copy this one to a disk for SQL`
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function engineOf(store: ObjectStore): Promise<string> {
  await using catalog = await openSqlEngine({ store })
  const result = await catalog.query("select 'DuckDB ' || version() as engine")
  return cellText(result.objects()[0]?.['engine'])
}
