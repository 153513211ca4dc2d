import { fileURLToPath } from 'node:url'
import { defineConfig } from 'tsup'
import { atHome } from './tools/esbuild/at-home.mjs'
import { COMMONJS_BANNER } from './tools/esbuild/commonjs-banner.mjs'
import { directImports } from './tools/esbuild/direct-imports.mjs'
import { thirdPartyLicenses } from './tools/esbuild/third-party-licenses.mjs'

// A program: one file for what every call needs and one for what each command adds, with all the code that they use and
// nothing else. Node takes longer to find and read a thousand modules than most commands take to do their work.
export default defineConfig({
  format: 'esm',
  target: 'node20',
  platform: 'node',
  sourcemap: true,
  clean: true,
  dts: false,
  splitting: true,
  noExternal: [/./],
  banner: { js: COMMONJS_BANNER },
  esbuildPlugins: [
    directImports(fileURLToPath(new URL('packages', import.meta.url))),
    atHome({
      '@aws-sdk/client-s3': '@lake/storage',
      '@bokuweb/zstd-wasm': '@lake/parquet',
      '@duckdb/node-api': '@lake/catalog',
      undici: '@lake/storage',
      ws: '@lake/ingest-ccxt',
    }),
    thirdPartyLicenses(),
  ],
  // From the sources, so that what is not imported is left out.
  esbuildOptions: (options) => {
    options.conditions = ['@lake/source']
  },
})
