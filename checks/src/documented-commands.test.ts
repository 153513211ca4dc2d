import { runCommandLine } from '@lake/cli'
import { beforeAll, describe, expect, test } from 'vitest'
import { filesUnder, readText } from './repository.ts'

/** What `--help` says of each verb of the `lake` command. */
const help = new Map<string, string>()

beforeAll(async () => {
  const verbs = [...(await helpOf()).matchAll(/^ {2}([a-z-]+) \[options\]/gm)].map(([, verb = '']) => verb)
  for (const verb of verbs) help.set(verb, await helpOf(verb))
})

describe('the lake command', () => {
  test('has each of its verbs in the README of its package', () => {
    const readme = readText('packages/cli/README.md')
    expect(help.size).toBeGreaterThan(10)
    expect([...help.keys()].filter((verb) => !readme.includes(`\`lake ${verb}`))).toEqual([])
  })

  test.each(filesUnder('.').filter((path) => path.endsWith('.md')))('has what %s says of it', (path) => {
    expect(unknownWords(readText(path))).toEqual([])
  })

  test('is not known by options that it lacks', () => {
    const text =
      '`lake run --sauce URL`, `lake walk`, npm run -s lake -- sql "select 1" --json, `lake run --source URL`'
    expect(unknownWords(`${text}\n\n\`\`\`sh\nlake status --loud\n\`\`\`\n`)).toEqual([
      ...['lake run --sauce', 'lake walk', 'lake status --loud'],
    ])
  })
})

/** The verbs and options in the commands of a text that the program does not have. */
function unknownWords(markdown: string): string[] {
  // A verb is told from prose by the code around it.
  const calls = markdown.matchAll(/(?:`|^|npm run -s )lake (?:-- )?([a-z][a-z-]*)([^`\n]*)/gm)
  return [...calls].flatMap(([, verb = '', rest = '']) => {
    const text = help.get(verb)
    if (text === undefined) return [`lake ${verb}`]
    const options = [...rest.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)].map(([option]) => option)
    return options.filter((option) => !hasOption(text, option)).map((option) => `lake ${verb} ${option}`)
  })
}

function hasOption(text: string, option: string): boolean {
  return new RegExp(`^ +(?:-\\w, )?${option}(?: |$)`, 'm').test(text)
}

async function helpOf(...verb: string[]): Promise<string> {
  let text = ''
  const terminal = {
    out: (part: string | Uint8Array) => void (text += String(part)),
    err: () => undefined,
    input: () => process.stdin,
    ...{ isInteractive: false, outIsScreen: false, columns: 100, hasColors: false },
  }
  expect(await runCommandLine({ argv: [...verb, '--help'], terminal })).toBe(0)
  return text
}
