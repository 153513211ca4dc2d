import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { filesUnder, readText, root } from './repository.ts'

// Spelled so that this file does not match itself.
const MACHINE_PATH = new RegExp(`(?<![\\w.])/(${['work', 'root', 'home', 'Users'].join('|')})/[\\w.-]`)

const texts = filesUnder('.').filter((path) => !/\.(zip|gz|parquet|png)$/.test(path))

describe('no file of the repository', () => {
  test('names a path of one machine', () => {
    expect(texts.flatMap((path) => linesWith(path, (line) => MACHINE_PATH.test(line)))).toEqual([])
  })

  test('names the host of the registry that this machine uses', () => {
    const registry = execFileSync('npm', ['config', 'get', 'registry', '--loglevel=silent'], {
      cwd: root,
      encoding: 'utf8',
    })
    const { hostname } = new URL(registry.trim())
    expect(hostname).not.toBe('')
    expect(texts.flatMap((path) => linesWith(path, (line) => line.includes(hostname)))).toEqual([])
  })

  test('fixes in the lockfile where packages are downloaded from', () => {
    expect(readText('pnpm-lock.yaml')).not.toMatch(/https?:\/\//)
  })

  test('is larger than a fixture may be', () => {
    const large = filesUnder('.').filter((path) => readFileSync(join(root, path)).length > 2 ** 21)
    expect(large).toEqual([])
  })
})

function linesWith(path: string, matches: (line: string) => boolean): string[] {
  const lines = readText(path).split('\n')
  return lines.flatMap((line, index) => (matches(line) ? [`${path}:${index + 1}: ${line.trim().slice(0, 120)}`] : []))
}
