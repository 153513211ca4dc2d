import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/*
 * A plugin of esbuild that writes a text beside a bundle, index.LICENSES.txt beside index.js: the licences of all packages
 * of others of which there is code in it, as these licences ask for.
 */

export function thirdPartyLicenses() {
  return {
    name: 'third-party-licenses',
    setup(build) {
      build.initialOptions.metafile = true
      build.onEnd(async ({ metafile }) => {
        if (metafile === undefined) return
        const used = Object.values(metafile.outputs).flatMap(({ inputs }) =>
          Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
        )
        const folders = new Set(used.flatMap((path) => packageFolder(path) ?? []))
        const texts = [...folders].map(licenseText).sort()
        const target = nameBeside(metafile)
        // The first build has no folder for it yet.
        await mkdir(dirname(target), { recursive: true })
        await writeFile(target, texts.join('\n'))
      })
    },
  }
}

/** The program is the output of an entry that nothing imports. */
function nameBeside({ outputs }) {
  const imported = new Set(Object.values(outputs).flatMap(({ imports }) => imports.map(({ path }) => path)))
  const [program] = Object.entries(outputs).find(
    ([path, { entryPoint }]) => entryPoint !== undefined && !imported.has(path),
  )
  return program.replace(/\.js$/, '.LICENSES.txt')
}

/** The folder of the package that an input belongs to; `undefined` for sources of ours. */
function packageFolder(path) {
  return /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0]
}

function licenseText(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice)/i.test(file))
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').trim())
  return [`## ${name} ${version}, ${license}`, ...texts, ''].join('\n\n')
}
