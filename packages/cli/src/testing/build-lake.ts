import { mkdir, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/**
 * The `lake` program out of the sources, as one file that Node runs as it is, for tests that need a process of its own.
 *
 * @returns where it lies in the folder
 */
export async function buildLake(folder: string): Promise<string> {
  const program = join(folder, 'bin/lake.mjs')
  const require = createRequire(new URL('../../../catalog/package.json', import.meta.url))
  await mkdir(join(folder, 'bin'), { recursive: true })
  // The command reads its version from there.
  await writeFile(join(folder, 'package.json'), '{ "version": "0.0.0" }')
  await build({
    stdin: {
      contents: `import { runCommandLine } from './command-line.ts'
        process.exitCode = await runCommandLine({ argv: process.argv.slice(2) })`,
      resolveDir: fileURLToPath(new URL('..', import.meta.url)),
    },
    ...{ outfile: program, bundle: true, platform: 'node', format: 'esm', target: 'node20' },
    conditions: ['@lake/source'],
    // Binary code stays where it is installed.
    plugins: [
      {
        name: 'installed',
        setup: (installer) => {
          installer.onResolve({ filter: /^@duckdb\// }, ({ path }) => ({ path: require.resolve(path), external: true }))
        },
      },
    ],
    banner: {
      js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url)",
    },
    logLevel: 'warning',
  })
  return program
}
