import { defineProject } from 'vitest/config'

export default defineProject({
  ssr: { resolve: { conditions: ['@lake/source'] } },
  // A guard against hanging, not a measure: machines that build at the same time are slow.
  test: { testTimeout: 30_000, globalSetup: '../../tools/test-cache.mjs' },
})
