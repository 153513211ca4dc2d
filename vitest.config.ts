import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: ['packages/*', 'checks'],
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**/*.ts'],
      // Index files only re-export.
      exclude: ['**/*.test.ts', '**/*.test-d.ts', '**/index.ts'],
      reporter: ['text-summary', ['text', { file: 'coverage.txt' }], 'json-summary'],
      thresholds: { lines: 90, branches: 90 },
    },
  },
})
