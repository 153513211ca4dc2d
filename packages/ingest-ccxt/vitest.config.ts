import { defineProject } from 'vitest/config'

export default defineProject({ ssr: { resolve: { conditions: ['@lake/source'] } } })
