/** What CommonJS modules ask of their surroundings, for bundles of ECMAScript modules that hold some. */
export const COMMONJS_BANNER = [
  "import { createRequire as $createRequire } from 'node:module'",
  "import { fileURLToPath as $fileURLToPath } from 'node:url'",
  'const require = $createRequire(import.meta.url)',
  'const __filename = $fileURLToPath(import.meta.url)',
].join('; ')
