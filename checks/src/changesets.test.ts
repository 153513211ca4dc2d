import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { filesUnder, readText, root, workspacesIn } from './repository.ts'

const packages = workspacesIn('packages')
const changesets = filesUnder('.changeset').filter((path) => path.endsWith('.md') && !path.endsWith('README.md'))
const announced = changesets.flatMap((path) => namesIn(readText(path)))

describe('changesets', () => {
  test.each(packages)('$manifest.name is released as it is, or a changeset announces it', ({ folder, manifest }) => {
    const changelog = join(folder, 'CHANGELOG.md')
    const released = existsSync(join(root, changelog)) && readText(changelog).includes(`## ${manifest.version}\n`)
    expect(released || announced.includes(manifest.name)).toBe(true)
  })

  test('name packages that exist', () => {
    expect(packages.map(({ manifest }) => manifest.name)).toEqual(expect.arrayContaining(announced))
  })

  test.each(changesets)('%s says in words what changes', (path) => {
    expect(namesIn(readText(path))).not.toEqual([])
    expect(readText(path).split('---\n')[2]?.trim()).toMatch(/^[A-Z].*\.$/s)
  })
})

/** The packages in the front matter of a changeset. */
function namesIn(text: string): string[] {
  const front = text.split('---\n')[1] ?? ''
  return [...front.matchAll(/^'([^']+)': (?:major|minor|patch)$/gm)].map(([, name = '']) => name)
}
