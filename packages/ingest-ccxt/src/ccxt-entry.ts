import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

/**
 * Where ccxt's package begins. Code that a bundler has moved into a program may not see it from there; then it is found
 * as what it is, a dependency of this package.
 */
export function ccxtEntry(): URL {
  const here = createRequire(import.meta.url)
  try {
    return pathToFileURL(here.resolve('ccxt'))
  } catch {
    return pathToFileURL(createRequire(here.resolve('@lake/ingest-ccxt/package.json')).resolve('ccxt'))
  }
}
