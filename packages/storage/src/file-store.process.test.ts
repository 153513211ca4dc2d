import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { readObject } from '@lake/core'
import { bundleProgram } from '@lake/core/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fileStore } from './file-store.ts'

let folder = ''
let bundle = ''

beforeAll(async () => {
  // Not only for this user: one test runs as another.
  folder = await mkdtemp(join(tmpdir(), 'lake-processes-'))
  await chmod(folder, 0o755)
  bundle = pathToFileURL(join(folder, 'storage.mjs')).href
  await bundleProgram({ program: new URL('index.ts', import.meta.url), outfile: fileURLToPath(bundle) })
}, 60_000)

afterAll(async () => rm(folder, { recursive: true, force: true }))

describe('fileStore among processes', () => {
  test('loses no increment of a counter that several processes change', { timeout: 60_000 }, async () => {
    const root = join(folder, 'counter')
    const store = fileStore({ root })
    await store.put('counter', Buffer.from('0'))
    const runs = Array.from({ length: 4 }, async () => run(program('increment.mjs'), [bundle, root, '15']))
    await Promise.all(runs)
    expect(Buffer.from(await readObject(store, 'counter')).toString()).toBe('60')
    expect(await readdir(join(root, '.tmp'))).toEqual([])
  })

  test('shows the old or the new object after a kill, and clears away the rest', { timeout: 120_000 }, async () => {
    const root = join(folder, 'killed')
    let litter = 0
    for (let round = 0; round < 12; round++) {
      const writer = spawn(process.execPath, [program('put-forever.mjs'), bundle, root])
      await firstLine(writer)
      await sleep((round * 37) % 50)
      writer.kill('SIGKILL')
      await once(writer, 'exit')
      const store = fileStore({ root })
      const bytes = await readObject(store, 'folder/big')
      const byte = bytes[0] ?? 0
      expect(bytes).toHaveLength(8 * (65_536 + byte))
      expect(Buffer.compare(bytes, Buffer.alloc(bytes.length, byte))).toBe(0)
      litter += (await readdir(join(root, '.tmp'))).length
      await store.put('folder/big', Uint8Array.of(round))
      expect(await readdir(join(root, '.tmp'))).toEqual([])
      expect(await readObject(store, 'folder/big')).toEqual(Uint8Array.of(round))
    }
    expect(litter, 'a kill in the middle of a put').toBeGreaterThan(0)
  })

  test('tells a user without permission so, and changes nothing', { timeout: 60_000 }, async () => {
    const root = join(folder, 'forbidden')
    await mkdir(root)
    await chmod(root, 0o555)
    // The superuser may write anywhere, so the program becomes `nobody` then.
    const user = process.getuid?.() === 0 ? ['65534'] : []
    const outcome = await run(program('try-put.mjs'), [bundle, root, '10', ...user])
    expect(JSON.parse(outcome)).toMatchObject({ first: { code: 'NO_PERMISSION' }, deleted: 'done', staged: [] })
    expect(outcome).toMatch(/forbidden.*access is denied.*Nothing was changed\. Give this user access/)
    expect(await readdir(root)).toEqual([])
  })

  const mayMount = spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'none', tmpdir()]).status === 0
  test.skipIf(!mayMount)(
    'tells of a full disk, keeps the old object and leaves no part of the new (skipped where this user may not mount)',
    { timeout: 60_000 },
    async () => {
      const root = join(folder, 'full')
      await mkdir(root)
      // A disk of its own, seen by this process only and gone with it.
      const script = 'mount -t tmpfs -o size=256k none "$1" && exec "$0" "$2" "$3" "$1" 1000000'
      const args = ['-m', 'sh', '-c', script, process.execPath, root, program('try-put.mjs'), bundle]
      const { stdout } = await promisify(execFile)('unshare', args)
      expect(JSON.parse(stdout)).toMatchObject({
        first: 'done',
        second: { code: 'NO_SPACE' },
        deleted: 'done',
        size: 1,
        staged: [],
      })
      expect(stdout).toMatch(/full.*the disk is full\. Nothing was changed\. Free some space/)
    },
  )
})

function program(name: string): string {
  return fileURLToPath(new URL(`../fixtures/processes/${name}`, import.meta.url))
}

async function run(
  script: string,
  args: readonly string[],
  user: { uid?: number; gid?: number } = {},
): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...args], { ...user, cwd: '/' })
  return stdout
}

async function firstLine(child: ChildProcess): Promise<void> {
  if (child.stdout === null) throw new Error('The child has no output')
  await once(child.stdout, 'data')
}
