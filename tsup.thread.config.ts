import { defineConfig } from 'tsup'
import { atHome } from './tools/esbuild/at-home.mjs'
import { COMMONJS_BANNER } from './tools/esbuild/commonjs-banner.mjs'
import { thirdPartyLicenses } from './tools/esbuild/third-party-licenses.mjs'

// A module that threads run, in one file with all that it needs and nothing else: a thread begins with loading its
// modules, and hundreds of files, most of them for other purposes, take longer than a month of candles.
export default defineConfig({
  format: 'esm',
  target: 'node20',
  platform: 'node',
  dts: false,
  noExternal: [/./],
  esbuildPlugins: [atHome({ '@bokuweb/zstd-wasm': '@lake/parquet' }), thirdPartyLicenses()],
  banner: { js: COMMONJS_BANNER },
  // From the sources, so that what is not imported is left out.
  esbuildOptions: (options) => {
    options.conditions = ['@lake/source']
  },
})
