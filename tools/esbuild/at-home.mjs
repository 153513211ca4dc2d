/*
 * A plugin of esbuild for programs of one file: what is too heavy or too native to go into that file stays a package, and
 * is found as a dependency of the package of ours that is its only home. The program itself depends on ours alone.
 */

const NAMESPACE = 'at-home'

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

/** A CommonJS module, as these packages are: their names are known when they are loaded. */
function moduleOf(name, home) {
  return `
    const { createRequire } = require('node:module')
    const home = createRequire(__filename).resolve('${home}/package.json')
    module.exports = createRequire(home)('${name}')
  `
}
