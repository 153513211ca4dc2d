import { defineProject } from 'vitest/config'

export default defineProject({
  ssr: { resolve: { conditions: ['@lake/source'] } },
  test: {
    // A guard against hanging, not a measure: machines that build at the same time are slow.
    testTimeout: 30_000,
    globalSetup: '../../tools/test-cache.mjs',
    // No test asks a real venue: whoever forgets to name a local one finds nobody there.
    env: { LAKE_VENUE_URLS: '*=http://127.0.0.1:9' },
  },
})
