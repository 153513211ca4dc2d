import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { fencesOf, proseOf } from './fences.ts'
import { filesUnder, readText, readWorkspace, root, workspacesIn } from './repository.ts'

const documents = filesUnder('.').filter((path) => path.endsWith('.md'))

describe('links', () => {
  test.each(documents)('of %s lead to files and headings that exist', (path) => {
    expect(brokenLinks(path, readText(path))).toEqual([])
  })

  test('a link to nowhere is told, one in code is none', () => {
    const text =
      '[a](README.md) [b](nowhere.md) [c](#absent) `[d](e.md)` [f](https://example.org/g) <!-- x -->\n# Here\n[h](#here)'
    expect(brokenLinks('x.md', text)).toEqual(['nowhere.md', '#absent'])
  })
})

test('the list of decisions has each of them by its title', () => {
  const index = readText('docs/decisions/README.md')
  const pages = filesUnder('docs/decisions').filter((path) => /\/\d{4}-[^/]+\.md$/.test(path))
  const titles = pages.map((path) => /^# (.+)$/m.exec(readText(path))?.[1] ?? path)
  expect(titles.length).toBeGreaterThan(0)
  expect(titles.filter((title) => !index.includes(`[${title}](`))).toEqual([])
})

describe('commands', () => {
  const { scripts } = readWorkspace('.').manifest
  const packages = workspacesIn('packages').map(({ manifest }) => manifest.name)

  test.each(documents)('in %s are scripts and packages of this repository', (path) => {
    const lines = fencesOf(readText(path))
      .filter(({ language }) => language === 'sh')
      .flatMap(({ text }) => text.split('\n'))
    for (const line of lines) {
      const script = /^npm (?:run (?:-s |--silent )?)?(start|test|[\w:-]+)/.exec(line)?.[1]
      if (script === 'install' || script === 'i') {
        const names = line.split(' ').filter((word) => word.startsWith('@lake/'))
        expect(packages).toEqual(expect.arrayContaining(names))
      } else if (script !== undefined) {
        expect(Object.keys(scripts), line).toContain(script)
      }
    }
  })
})

function brokenLinks(path: string, text: string): string[] {
  const prose = proseOf(text)
  const targets = [...prose.matchAll(/\]\(([^)\s]+)(?:\s"[^"]*")?\)/g)].map(([, target = '']) => target)
  return targets.filter((target) => {
    if (/^[a-z]+:/.test(target)) return false
    const [file = '', heading] = target.split('#')
    const found = file === '' ? path : join(path, '..', file)
    if (file !== '' && !existsSync(join(root, found))) return true
    if (heading === undefined) return false
    return !headingsOf(file === '' ? text : readText(found)).includes(heading)
  })
}

/** The anchors that a Markdown text has, as GitHub makes them. */
function headingsOf(markdown: string): string[] {
  const titles = [...markdown.matchAll(/^#+ +(.+)$/gm)].map(([, title = '']) => title)
  return titles.map((title) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  )
}
