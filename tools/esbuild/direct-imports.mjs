import { existsSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/*
 * A plugin of esbuild for programs that are cut into parts: what sources import of a package of ours is taken from the module
 * that has it, not from the package's list of exports. By that list every part would reach every module of the package,
 * and load what other parts use of it.
 */

/** @param {string} packages the folder of our packages */
export function directImports(packages) {
  const modules = new Map()
  const moduleOf = (specifier, name) => {
    if (!modules.has(specifier)) modules.set(specifier, exportsOf(packages, specifier))
    return modules.get(specifier).get(name) ?? specifier
  }
  return {
    name: 'direct-imports',
    setup(build) {
      build.onLoad({ filter: /[/\\]src[/\\].*\.ts$/ }, async ({ path }) => {
        if (!path.startsWith(packages)) return undefined
        return { contents: rewritten(await readFile(path, 'utf8'), moduleOf), loader: 'ts' }
      })
    },
  }
}

const IMPORT = /^import \{([^}]*)\} from '(@lake\/[^']+)'$/gm

/** The first line behind the imports: neither one of theirs nor a comment. */
const BODY = /^(?!import |[ }/]|$)/m

/** Line by line where it was, so that source maps stay true. Imports in texts further down are left alone. */
function rewritten(source, moduleOf) {
  const body = source.search(BODY)
  const imports = body < 0 ? source : source.slice(0, body)
  return rewrittenImports(imports, moduleOf) + source.slice(imports.length)
}

function rewrittenImports(source, moduleOf) {
  return source.replaceAll(IMPORT, (statement, names, specifier) => {
    const imports = valuesIn(names).map((name) => {
      const [exported] = name.split(' ')
      return `import { ${name} } from ${JSON.stringify(moduleOf(specifier, exported))};`
    })
    return imports.join(' ') + statement.replaceAll(/[^\n]/g, '')
  })
}

/** The module of each value that a package, or an entry of it such as `@lake/core/testing`, exports. */
function exportsOf(packages, specifier) {
  const [, name, ...entry] = specifier.split('/')
  const folder = join(packages, name)
  const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const list = join(folder, exports[['.', ...entry].join('/')]['@lake/source'])
  const found = new Map()
  for (const [, names, path] of readFileSync(list, 'utf8').matchAll(/^export \{([^}]*)\} from '(\.[^']+)'$/gm)) {
    const module = join(dirname(list), path)
    if (!existsSync(module)) throw new Error(`${list} exports from ${path}, which is not there`)
    for (const value of valuesIn(names)) found.set(value, module)
  }
  return found
}

/** The names in a list that are no types. */
function valuesIn(names) {
  const all = names.split(',').map((name) => name.trim())
  return all.filter((name) => name !== '' && !name.startsWith('type '))
}
