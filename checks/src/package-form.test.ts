import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { readText, root, workspacesIn } from './repository.ts'

const entry = z.strictObject({ '@lake/source': z.string(), types: z.string(), default: z.string() })
const publishedEntry = z.strictObject({ types: z.string(), default: z.string() })
const itself = z.literal('./package.json')

/** What every published package says about itself. */
const form = z.looseObject({
  name: z.string().startsWith('@lake/'),
  version: z.string().regex(/^\d+\.\d+\.\d+$/),
  keywords: z.array(z.string().regex(/^[a-z0-9-]+$/)).min(3),
  description: z.string().regex(/^[A-Z].{10,}\.$/),
  license: z.literal('MIT'),
  type: z.literal('module'),
  sideEffects: z.literal(false),
  engines: z.object({ node: z.literal('>=20.19') }),
  files: z.array(z.string()).refine((files) => files.includes('dist')),
  exports: z.object({ '.': entry, './package.json': itself }).catchall(entry),
  publishConfig: z.object({
    access: z.literal('public'),
    exports: z.object({ '.': publishedEntry, './package.json': itself }).catchall(publishedEntry),
  }),
  scripts: z.looseObject({
    build: z
      .string()
      .regex(/^tsup --config \.\.\/\.\.\/tsup\.(command\.)?config\.ts .+ && tsc -p tsconfig\.build\.json$/),
    typecheck: z.literal('tsc'),
    test: z.literal('vitest run'),
    exports: z.literal('publint --strict && attw --pack . --profile esm-only'),
  }),
})

describe.each(workspacesIn('packages'))('$manifest.name', ({ folder, manifest }) => {
  const text = readText(`${folder}/package.json`)

  test('describes itself in full', () => {
    const result = form.safeParse(JSON.parse(text))
    expect(result.success ? '' : z.prettifyError(result.error)).toBe('')
  })

  test('is named as its folder', () => {
    expect(manifest.name).toBe(`@lake/${folder.slice('packages/'.length)}`)
  })

  test('builds every entry from a source that exists, and publishes all of them without sources', () => {
    const { exports, publishConfig, scripts } = form.parse(JSON.parse(text))
    expect(Object.keys(publishConfig.exports)).toEqual(Object.keys(exports))
    for (const [name, target] of Object.entries(exports)) {
      if (typeof target === 'string') continue
      const { '@lake/source': source, types, default: script } = target
      // Resolution takes the first condition that holds: types must come before the script.
      expect(Object.keys(target)).toEqual(['@lake/source', 'types', 'default'])
      expect(publishConfig.exports[name]).toEqual({ types, default: script })
      expect(existsSync(join(root, folder, source)), source).toBe(true)
      expect(scripts.build.split(' ')).toContain(source.slice(2))
      expect([types, script]).toEqual([built(source, '.d.ts'), built(source, '.js')])
    }
  })

  test.each(['README.md', 'LICENSE', 'tsconfig.json', 'tsconfig.build.json', 'vitest.config.ts'])(
    'has a %s',
    (name) => {
      expect(existsSync(join(root, folder, name))).toBe(true)
    },
  )

  test('publishes what supports tests only where others are invited to use it', () => {
    expect(existsSync(join(root, folder, 'dist/testing'))).toBe('./testing' in manifest.exports)
  })

  test('takes exact versions from outside and the workspace from inside', () => {
    for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
      expect(version, name).toMatch(name.startsWith('@lake/') ? /^workspace:\^$/ : /^\d+\.\d+\.\d+(-[\w.]+)?$/)
    }
  })
})

function built(source: string, ending: string): string {
  return source.replace('./src/', './dist/').replace(/\.ts$/, ending)
}
