import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

export interface BundleProgramOptions {
  /** The source file that the program begins with. */
  readonly program: URL
  /** Where to put it; a name that ends in `.mjs`. */
  readonly outfile: string
  /** Packages that are not bundled: imported as they are installed beside the outfile. */
  readonly external?: readonly string[] | undefined
  /** Packages with binary code, imported from where this file's own imports of them are installed. */
  readonly installed?: { readonly names: RegExp; readonly from: URL } | undefined
}

/**
 * Makes one file that Node runs as it is of a program in TypeScript and of all that it imports, for tests that need a
 * process or a thread of their own: those know nothing of TypeScript. Needs the package `esbuild`.
 *
 * @example
 * const outfile = join(folder, 'child.mjs')
 * await bundleProgram({ program: new URL('./testing/child.ts', import.meta.url), outfile })
 * spawn(process.execPath, [outfile])
 */
export async function bundleProgram(options: BundleProgramOptions): Promise<void> {
  const { program, outfile, external = [], installed } = options
  // Loaded when it is wanted, since the other suites of this entry do without.
  const { build } = await import('esbuild')
  const require = installed === undefined ? undefined : createRequire(installed.from)
  await build({
    ...{ entryPoints: [fileURLToPath(program)], outfile, bundle: true, external: [...external] },
    ...{ platform: 'node', format: 'esm', target: 'node20', conditions: ['@lake/source'] },
    plugins: [
      {
        name: 'installed',
        setup: (installer) => {
          if (installed === undefined || require === undefined) return
          installer.onResolve({ filter: installed.names }, ({ path }) => ({
            ...{ path: require.resolve(path), external: true },
          }))
        },
      },
    ],
    // Some packages are CommonJS inside.
    banner: {
      js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url)",
    },
    logLevel: 'warning',
  })
}
