import { defineProject } from 'vitest/config'

// Programs are started here, on machines that may be busy; and no test asks a real venue for anything.
export default defineProject({
  test: {
    testTimeout: 300_000,
    globalSetup: '../tools/test-cache.mjs',
    env: { LAKE_VENUE_URLS: '*=http://127.0.0.1:9' },
  },
})
