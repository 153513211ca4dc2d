import { defineProject } from 'vitest/config'

// Programs are started here, on machines that may be busy.
export default defineProject({ test: { testTimeout: 300_000 } })
