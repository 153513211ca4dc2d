import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** Makes one file that Node runs as it is of a program: a child process knows nothing of TypeScript. */
export async function bundleChild(program: URL, outfile: string): Promise<void> {
  await build({
    entryPoints: [fileURLToPath(program)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@lake/source'],
    external: ['ccxt', 'bufferutil'],
    banner: {
      js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url)",
    },
    logLevel: 'error',
  })
}
