// `npm run kernels`: compiles the AssemblyScript in packages/*/assembly/NAME to src/NAME-kernels.ts of the package, which
// holds the WebAssembly as text, so that sources run without a build. `--check` only says whether they are current.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { main as compileAssembly } from 'assemblyscript/asc'
import { root } from './source-stamp.mjs'

// No garbage collector: kernels work on addresses that they are given, and on tables that they make when they start.
const OPTIONS = ['-O3', '--converge', '--noAssert', '--runtime', 'stub', '--enable', 'simd', '--bindings', 'raw']
// Warning 112 says that lanes mean nothing to JavaScript; they are handed from file to file only.
OPTIONS.push('--disableWarning', '112')

// Those that several threads run on one memory, which they are given. None may clear it, as another may be at work: tables
// are made by each, of the same bytes.
const SHARED = new Set(['decode'])
const SHARED_OPTIONS = [
  '--importMemory',
  '--zeroFilledMemory',
  '--sharedMemory',
  '--initialMemory',
  '1',
  '--maximumMemory',
  '65536',
  '--enable',
  'threads',
]

const checkOnly = process.argv.includes('--check')
const stale = []
for (const { folder, name, target } of findKernels()) {
  const text = await makeModule(folder, name)
  if (existsSync(target) && readFileSync(target, 'utf8') === text) continue
  stale.push(relative(root, target))
  if (!checkOnly) writeFileSync(target, text)
}
if (stale.length > 0) console.error(`${checkOnly ? 'Not current' : 'Written'}: ${stale.join(' ')}`)
if (checkOnly && stale.length > 0) process.exitCode = 1

function findKernels() {
  const packages = readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name))
  return packages
    .filter((folder) => existsSync(join(folder, 'assembly')))
    .flatMap((folder) => {
      const entries = readdirSync(join(folder, 'assembly'), { withFileTypes: true })
      return entries
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => ({ folder, name, target: join(folder, 'src', `${name}-kernels.ts`) }))
    })
}

/** The text of the module that holds a compiled kernel. */
async function makeModule(folder, name) {
  const files = {}
  const isShared = SHARED.has(name)
  const entry = `assembly/${name}/index.ts`
  const args = [entry, '--baseDir', folder, '--outFile', 'kernel.wasm', ...OPTIONS, ...(isShared ? SHARED_OPTIONS : [])]
  const { error, stderr } = await compileAssembly(args, { writeFile: (path, data) => (files[path] = data) })
  // A warning counts, but not that the last round of many made the code no smaller, which is then left out.
  const complaints = stderr.toString().replace('Last converge was suboptimal.', '').trim()
  if (error || complaints !== '') throw new Error(`${relative(root, folder)}/${entry} does not compile:\n${complaints}`)
  const code = Buffer.from(files['kernel.wasm'])
  const type = name.replaceAll(/(?:^|-)([a-z])/g, (_, letter) => letter.toUpperCase())
  const functions = functionTypes(files['kernel.d.ts']).join('\n')
  return `// Made from assembly/${name} by \`npm run kernels\`; a check holds that it is current.

/** What assembly/${name} exports. */
export interface ${type}Kernels {
${isShared ? '' : '  readonly memory: { readonly buffer: ArrayBuffer; readonly grow: (pages: number) => number }\n'}${functions}
}

${isShared ? sharedEngine(type) : ownEngine(type)}

const CODE: string =
  '${code.toString('base64')}'

${isShared ? sharedMaker(type, code) : ownMaker(type)}
`
}

function ownEngine(type) {
  return `/** As much of the engine's own as is needed here; TypeScript knows it in browsers only. */
declare const WebAssembly: {
  readonly Module: new (code: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: ${type}Kernels }
}`
}

function ownMaker(type) {
  return `/** The kernels on a memory of their own. */
export function create${type}Kernels(): ${type}Kernels {
  return new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(CODE, 'base64'))).exports
}`
}

function sharedEngine(type) {
  return `/** A memory that kernels work on; where it is shared those of several threads, each on a part of its own. */
export interface KernelMemory {
  /** Another one after each growth. Those from before are gone; of a shared memory they have the same bytes, but end earlier. */
  readonly buffer: ArrayBufferLike
  /** Returns how many pages of 64 KB there were, which makes the new ones the caller's own. Throws where there is no room. */
  grow(pages: number): number
}

/** As much of the engine's own as is needed here; TypeScript knows it in browsers only. */
declare const WebAssembly: {
  readonly Memory: new (form: { initial: number; maximum: number; shared: boolean }) => KernelMemory
  readonly Module: new (code: Uint8Array) => object
  readonly Instance: new (
    module: object,
    imports: { readonly env: { readonly memory: KernelMemory } },
  ) => { readonly exports: ${type}Kernels }
}`
}

function sharedMaker(type, code) {
  return `/** The byte that says of the memory whether it is shared; nothing else depends on that. */
const SHARED_AT = ${sharedFlagOf(code)}

/** A memory of one page. JavaScript copies from and to a shared one with more care, which costs time. */
export function createKernelMemory(shared: boolean): KernelMemory {
  return new WebAssembly.Memory({ initial: 1, maximum: 65_536, shared })
}

const modules = new Map<boolean, object>()

/** The kernels on a memory. */
export function create${type}Kernels(memory: KernelMemory): ${type}Kernels {
  const isShared = memory.buffer instanceof SharedArrayBuffer
  const module = modules.get(isShared) ?? compile(isShared)
  modules.set(isShared, module)
  return new WebAssembly.Instance(module, { env: { memory } }).exports
}

function compile(isShared: boolean): object {
  const code = Buffer.from(CODE, 'base64')
  code[SHARED_AT] = isShared ? 3 : 1
  return new WebAssembly.Module(code)
}`
}

/** Where the limits of the imported memory begin: behind its name and the kind of import. */
function sharedFlagOf(code) {
  const name = Buffer.from('\u0003env\u0006memory\u0002')
  const at = code.indexOf(name) + name.length
  if (code[at] !== 3) throw new Error('the memory of shared kernels is not where it was')
  return at
}

/** The members of an interface, out of the functions that the compiler declares. */
function functionTypes(declarations) {
  const functions = declarations.matchAll(/export function (\w+)\(([^)]*)\): (\w+);/g)
  return Array.from(functions, ([, name, parameters, result]) => {
    const line = `  readonly ${name}: (${parameters}) => ${result}`
    // As prettier has it.
    if (line.length <= 120) return line
    return `  readonly ${name}: (\n    ${parameters.replaceAll(', ', ',\n    ')},\n  ) => ${result}`
  })
}
