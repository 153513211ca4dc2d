import { setTimeout as sleep } from 'node:timers/promises'
import { DuckDBInstance } from '@duckdb/node-api'
import { expect, test } from 'vitest'
import { interruptible } from './interruptible.ts'

test('an abort reaches a statement that starts after it', async () => {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const controller = new AbortController()
  const reason = new Error('enough')
  const work = interruptible(connection, controller.signal, async () => {
    controller.abort(reason)
    await sleep(5)
    return connection.run('select count(*) from range(100000000000) a(x) where sin(x) > 2')
  })
  await expect(work).rejects.toBe(reason)
  connection.closeSync()
  instance.closeSync()
})

test('an abort during work that ends well all the same throws the reason: DuckDB may end early in silence', async () => {
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  const controller = new AbortController()
  const work = interruptible(connection, controller.signal, async () => {
    controller.abort(new Error('enough'))
    return Promise.resolve(1)
  })
  await expect(work).rejects.toThrow('enough')
  connection.closeSync()
})
