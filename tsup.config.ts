import { defineConfig } from 'tsup'

// JavaScript only: `tsc` writes the declarations, which is several times faster than tsup's own.
export default defineConfig({
  format: 'esm',
  target: 'node20',
  platform: 'node',
  sourcemap: true,
  clean: true,
  dts: false,
})
