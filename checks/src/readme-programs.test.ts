import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { fencesOf } from './fences.ts'
import { readText, root, workspacesIn } from './repository.ts'
import { runNode } from './run-program.ts'

// Below the node_modules of this package, so that Node finds every package of the workspace as a user's Node would.
const folder = join(root, 'checks/node_modules/.cache/readme')

describe('the program in the README of', () => {
  test.concurrent.each(workspacesIn('packages'))('$manifest.name prints what stands below it', async (workspace) => {
    const { program, output } = programIn(readText(`${workspace.folder}/README.md`))
    const path = join(folder, `${workspace.manifest.name.replace('@lake/', '')}.mjs`)
    mkdirSync(folder, { recursive: true })
    writeFileSync(path, program)
    expect(await runNode([path], root)).toEqual({ code: 0, stdout: output, stderr: '' })
  })
})

describe('the README of', () => {
  test.each(workspacesIn('packages'))('$manifest.name installs what its program imports', ({ folder, manifest }) => {
    const markdown = readText(`${folder}/README.md`)
    const installed = /^npm install (.+)$/m.exec(markdown)?.[1]?.split(' ')
    const imported = [...programIn(markdown).program.matchAll(/ from '([^']+)'/g)].map(([, name = '']) =>
      packageOf(name),
    )
    const other = imported.filter((name) => !name.startsWith('node:') && name !== manifest.name)
    expect(installed).toEqual(expect.arrayContaining(other))
  })
})

describe('programIn', () => {
  test('takes the first js fence and the first text fence after it', () => {
    const markdown = '```text\nno\n```\n```js\nyes()\n```\n\nprints\n\n```text\n1\n2\n```\n```js\nlater()\n```\n'
    expect(programIn(markdown)).toEqual({ program: 'yes()\n', output: '1\n2\n' })
  })

  test('refuses a README without program', () => {
    expect(() => programIn('```sh\nnpm install\n```\n')).toThrow('no js fence that is followed by a text fence')
  })
})

/** The package of an import, `node:fs` included. */
function packageOf(name: string): string {
  const parts = name.split('/')
  return parts.slice(0, name.startsWith('@') ? 2 : 1).join('/')
}

function programIn(markdown: string): { program: string; output: string } {
  const fences = fencesOf(markdown)
  const at = fences.findIndex(({ language }) => language === 'js')
  const program = fences[at]
  const output = fences.slice(at).find(({ language }) => language === 'text')
  if (program === undefined || output === undefined) throw new Error('no js fence that is followed by a text fence')
  return { program: program.text, output: output.text }
}
