/** What CommonJS modules ask of their surroundings, for bundles of ECMAScript modules that hold some. */
export const COMMONJS_BANNER = [
  "import { createRequire as makeRequire } from 'node:module'",
  "import { fileURLToPath as pathOfUrl } from 'node:url'",
  'const require = makeRequire(import.meta.url)',
  'const __filename = pathOfUrl(import.meta.url)',
].join('; ')
