import js from '@eslint/js'
import { defineConfig, globalIgnores } from 'eslint/config'
import tseslint from 'typescript-eslint'

const NODE_GLOBALS = [
  ...['AbortController', 'AbortSignal', 'Buffer', 'TextDecoder', 'TextEncoder', 'URL', 'clearTimeout', 'console'],
  ...['fetch', 'performance', 'process', 'setTimeout', 'structuredClone'],
]

export default defineConfig(
  globalIgnores(['**/dist', '**/coverage', '**/.turbo', '**/lake-data', '.tools']),
  {
    files: ['packages/*/src/**/*.ts', 'checks/src/**/*.ts'],
    extends: [js.configs.recommended, tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { project: 'tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_' }],
      'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ['**/*.test.ts', '**/testing/**/*.ts'],
    rules: { '@typescript-eslint/require-await': 'off', 'max-lines': 'off' },
  },
  {
    files: ['*.js', '**/*.mjs', 'packages/cli/bin/*.js', 'examples/**/*.js'],
    extends: [js.configs.recommended],
    languageOptions: { globals: Object.fromEntries(NODE_GLOBALS.map((name) => [name, 'readonly'])) },
  },
)
