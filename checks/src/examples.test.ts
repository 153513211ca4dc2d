import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { fencesOf } from './fences.ts'
import { readText, root, workspacesIn } from './repository.ts'
import { runNode } from './run-program.ts'

const examples = workspacesIn('examples')

test('there are examples', () => {
  expect(examples).not.toEqual([])
})

describe.each(examples)('$folder', ({ folder, manifest }) => {
  test('is private, has a README with the command that runs it, and starts with plain Node', () => {
    expect(manifest.private).toBe(true)
    expect(manifest.scripts['start']).toMatch(/^node [\w./-]+$/)
    expect(existsSync(join(root, folder, 'README.md'))).toBe(true)
    const commands = fencesOf(readText(`${folder}/README.md`)).filter(({ language }) => language === 'sh')
    expect(commands.map(({ text }) => text).join('')).toContain('start')
  })

  // The only argument of an example is the lake to write to.
  test('runs, twice into the same lake, and prints at first what its README shows', async () => {
    const shown = fencesOf(readText(`${folder}/README.md`)).find(({ language }) => language === 'text')
    const lake = mkdtempSync(join(tmpdir(), 'lake-example-'))
    try {
      const script = manifest.scripts['start']?.slice('node '.length) ?? ''
      for (const turn of ['first', 'second']) {
        const { code, stdout, stderr } = await runNode([script, `file:${lake}`], join(root, folder))
        expect({ turn, code, stderr }).toEqual({ turn, code: 0, stderr: '' })
        if (turn === 'first') expect(stdout).toBe(shown?.text)
        else expect(stdout.trim()).not.toBe('')
      }
    } finally {
      rmSync(lake, { recursive: true })
    }
  })
})
