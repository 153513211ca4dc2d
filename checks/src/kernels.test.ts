import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from './repository.ts'

test('the kernels are what their sources compile to; npm run kernels writes them', () => {
  const check = (): string =>
    execFileSync(process.execPath, [join(root, 'tools/kernels.mjs'), '--check'], { stdio: 'pipe' }).toString()
  expect(check).not.toThrow()
})
