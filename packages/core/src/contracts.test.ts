import { describe, expect, test } from 'vitest'
import { canonicalJson } from './canonical-json.ts'
import { ADAPTER_CONTRACT, defineExchange } from './exchange-adapter.ts'
import { LakeError } from './lake-error.ts'
import { collectBytes } from './read-object.ts'
import type { SourceFormat } from './source-format.ts'
import { tableSchema } from './table.ts'
import { DATA_TYPES } from './vocabulary.ts'

describe('LakeError', () => {
  test('is told by its shape, not by its class', () => {
    const foreign = Object.assign(new Error('x'), { name: 'LakeError', code: 'CONFLICT', details: {} })
    expect(LakeError.is(foreign)).toBe(true)
    expect(LakeError.is(new Error('x'))).toBe(false)
    expect(LakeError.is('x')).toBe(false)
  })

  test('keeps the cause, and says by its code whether to try again', () => {
    const cause = new Error('socket')
    const error = new LakeError('UNAVAILABLE', 'no answer', { cause, details: { key: 'a' } })
    expect(error).toMatchObject({ cause, retryable: true, details: { key: 'a' } })
    expect(new LakeError('BAD_ROW', 'x').retryable).toBe(false)
    expect('cause' in new LakeError('BAD_ROW', 'x')).toBe(false)
  })
})

describe('canonicalJson', () => {
  test('sorts the keys at every depth and leaves lists alone', () => {
    expect(canonicalJson({ b: 1, a: { d: [2, 1], c: null }, e: undefined })).toBe('{"a":{"c":null,"d":[2,1]},"b":1}')
  })
})

describe('defineExchange', () => {
  const format: SourceFormat = { id: 'one', dataType: 'trades', markets: ['spot'], container: 'zip-csv', columns: [] }

  test('refuses an adapter of another version of the contract, and takes one of this', () => {
    expect(defineExchange({ id: 'acme', contract: ADAPTER_CONTRACT }).id).toBe('acme')
    expect(() => defineExchange({ id: 'acme', contract: 2 })).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED', details: { exchange: 'acme', contract: 2, supported: 1 } }),
    )
  })

  test('gives the adapter back', () => {
    const adapter = { id: 'acme', formats: [format, { ...format, id: 'two', markets: ['um' as const] }] }
    expect(defineExchange(adapter)).toBe(adapter)
  })

  test('refuses an id that is no word, and formats that overlap', () => {
    expect(() => defineExchange({ id: 'Acme Inc' })).toThrow("'Acme Inc' is not")
    expect(() => defineExchange({ id: 'acme', formats: [format, { ...format, id: 'two' }] })).toThrow(
      'Formats one and two of acme both claim spot/trades',
    )
  })
})

describe('tables', () => {
  test('all start with the event time, the time of availability and the source', () => {
    for (const name of [...DATA_TYPES, 'bars', 'funding'] as const) {
      expect(tableSchema(name).names.slice(0, 3)).toEqual(['ts_event', 'ts_available', 'source'])
    }
  })

  test('bars without trades have null volumes', () => {
    const volume = tableSchema('markPriceKlines').fields.find((field) => field.name === 'volume')
    expect(volume?.nullable).toBe(true)
  })
})

describe('collectBytes', () => {
  test('joins chunks', async () => {
    async function* chunks() {
      yield Uint8Array.of(1, 2)
      yield Uint8Array.of()
      yield Uint8Array.of(3)
    }
    expect(await collectBytes(chunks())).toEqual(Uint8Array.of(1, 2, 3))
  })
})
