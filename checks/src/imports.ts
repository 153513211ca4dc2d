import { builtinModules } from 'node:module'
import { posix } from 'node:path'
import ts from 'typescript'
import { layerOf } from './layers.ts'
import type { Manifest, Workspace } from './repository.ts'

/** What any test may import: the root declares it for the whole workspace. */
const TEST_TOOLS = ['vitest', 'fast-check']

/** Modules through which a program touches the world: nothing for data, pure functions and stages. */
const OUTSIDE_WORLD = /^node:(fs|net|tls|http|https|http2|dgram|dns|child_process|cluster)(\/|$)/

/** `lake demo` shows a venue that replays a day, which is otherwise for tests. */
const DEMO: ReadonlySet<string> = new Set(['packages/cli/src/replay-venue.ts'])

/** What the imports of one source file break, as sentences. */
export function importViolations(workspace: Workspace, path: string, text: string): string[] {
  const { manifest, folder } = workspace
  const isTest = isTestSource(path, manifest)
  const declared = declaredNames(manifest, isTest)
  const pure = manifest.name === '@lake/exchanges' || layerOf(manifest.name) === 'stages'
  return modulesOf(text).flatMap((name): string[] => {
    if (name.startsWith('.')) {
      const inside = posix.join(posix.dirname(path), name).startsWith(`${folder}/`)
      return inside ? [] : [`${path} imports ${name}, which lies outside of its package`]
    }
    if (builtinModules.includes(name)) return [`${path} imports ${name}; write node:${name}`]
    if (name.startsWith('node:')) {
      return pure && !isTest && OUTSIDE_WORLD.test(name)
        ? [`${path} imports ${name}, but ${manifest.name} does no I/O`]
        : []
    }
    if (!isTest && !DEMO.has(path) && /^@lake\/.*\/testing$/.test(name))
      return [`${path} imports ${name}, which is for tests only`]
    return declared.has(packageNameOf(name)) ? [] : [`${path} imports ${name}, which ${manifest.name} does not declare`]
  })
}

/** What supports the tests of one package is a test itself, unless others are invited to use it. */
function isTestSource(path: string, { exports }: Manifest): boolean {
  if (/\.test(-d)?\.ts$/.test(path) || path.includes('/child-programs/')) return true
  return path.includes('/testing/') && !('./testing' in exports)
}

/** `apache-arrow` must be the application's own copy: a peer of every library that imports it. */
export function arrowViolations(manifest: Manifest): string[] {
  // The command is an application.
  if (manifest.name === '@lake/cli') return []
  return 'apache-arrow' in manifest.dependencies
    ? [`${manifest.name} brings its own copy of apache-arrow: make it a peer dependency`]
    : []
}

/** The modules that a source imports, types and dynamic imports included. */
export function modulesOf(text: string): string[] {
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName)
}

function declaredNames(manifest: Manifest, isTest: boolean): ReadonlySet<string> {
  const own = { ...manifest.dependencies, ...manifest.peerDependencies }
  const all = isTest ? [...Object.keys({ ...own, ...manifest.devDependencies }), ...TEST_TOOLS] : Object.keys(own)
  return new Set([manifest.name, ...all])
}

function packageNameOf(name: string): string {
  return name.split('/', name.startsWith('@') ? 2 : 1).join('/')
}
