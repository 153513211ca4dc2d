import { defineConfig } from 'tsup'

// A module that threads run, in one file with all that it needs and nothing else: a thread begins with loading its
// modules, and hundreds of files, most of them for other purposes, take longer than a month of candles.
export default defineConfig({
  format: 'esm',
  target: 'node20',
  platform: 'node',
  dts: false,
  noExternal: [/./],
  external: [/^@bokuweb\//],
  // From the sources, so that what is not imported is left out.
  esbuildOptions: (options) => {
    options.conditions = ['@lake/source']
  },
})
