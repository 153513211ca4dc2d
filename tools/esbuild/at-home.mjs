import { createRequire } from 'node:module'

/*
 * A plugin of esbuild for programs of one file: what is too heavy or too native to go into that file stays a package, and
 * is found as a dependency of the package of ours that is its only home. The program itself depends on ours alone.
 */

const NAMESPACE = 'at-home'
const packages = new URL('../../packages/', import.meta.url)

/** @param {Readonly<Record<string, string>>} homes the package of ours by the package that stays outside */
export function atHome(homes) {
  return {
    name: NAMESPACE,
    setup(build) {
      const names = Object.keys(homes).map((name) => name.replaceAll(/[/.]/g, '\\$&'))
      build.onResolve({ filter: new RegExp(`^(${names.join('|')})$`) }, ({ path }) => ({ path, namespace: NAMESPACE }))
      build.onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ path }) => ({ contents: moduleOf(path, homes[path]) }))
    },
  }
}

/**
 * An ECMAScript module with the names that the CommonJS package has now: a bundle of several files gives whoever imports a
 * CommonJS module when it is needed nothing but its default.
 */
function moduleOf(name, home) {
  const there = createRequire(new URL(`${home.replace('@lake/', '')}/package.json`, packages))
  const names = Object.keys(there(name)).filter((key) => key !== 'default' && /^[A-Za-z_$][\w$]*$/.test(key))
  return `
    import { createRequire } from 'node:module'
    const home = createRequire(import.meta.url).resolve('${home}/package.json')
    const all = createRequire(home)('${name}')
    export default all
    ${names.map((key, index) => `const value${index} = all.${key}`).join('\n')}
    export { ${names.map((key, index) => `value${index} as ${key}`).join(', ')} }
  `
}
