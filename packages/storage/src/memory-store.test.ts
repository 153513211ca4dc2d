import { describeObjectStore } from '@lake/core/testing'
import { expect, test } from 'vitest'
import { memoryStore } from './memory-store.ts'

describeObjectStore('memoryStore', () => memoryStore())

test('memoryStore shares nothing with another memoryStore', async () => {
  await memoryStore().put('a', Uint8Array.of(1))
  expect(await memoryStore().head('a')).toBeUndefined()
})
