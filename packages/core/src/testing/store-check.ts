import { expect } from 'vitest'
import { LakeError, type LakeErrorCode } from '../lake-error.ts'
import type { ObjectStore } from '../object-store.ts'

/** One promise of the `ObjectStore` port, and how to see whether a store keeps it. */
export interface StoreCheck {
  readonly name: string
  /** Rejects when the store breaks the promise. */
  readonly run: (store: ObjectStore) => Promise<void>
}

/** Keys that could leave the store, or that not every store can tell from another key. */
export const BAD_KEYS: readonly string[] = [
  '', '/', '/a', 'a/', 'a//b', '.', '..', './a', '../a', 'a/./b', 'a/../b', 'a/..', 'a\\b', '..\\a', 'a\0b', 'a\uD800b',
] // prettier-ignore

/** What a promise was rejected with. */
export async function failureOf(work: Promise<unknown>): Promise<unknown> {
  let result: unknown
  try {
    result = await work
  } catch (error) {
    return error
  }
  return expect.fail(`expected a failure, but got ${String(result)}`)
}

/** Holds that a promise is rejected with a LakeError of this code that has something to say. */
export async function expectCode(work: Promise<unknown>, code: LakeErrorCode): Promise<void> {
  expectErrorCode(await failureOf(work), code)
}

/** Holds that a caught value is a LakeError of this code that has something to say. */
export function expectErrorCode(error: unknown, code: LakeErrorCode): void {
  if (!LakeError.is(error)) return expect.fail(`expected a LakeError ${code}, but got ${String(error)}`)
  expect(error.code, error.message).toBe(code)
  expect(error.message.length, 'a message that says what happened').toBeGreaterThan(10)
}

/** The keys of a listing, in its order. */
export async function listedKeys(store: ObjectStore, prefix?: string): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of store.list({ prefix })) keys.push(key)
  return keys
}

/** Keys in the order of their UTF-8 bytes: the slow, obvious way. */
export function inByteOrder(keys: Iterable<string>): string[] {
  return [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
}

/** Bytes without a pattern, the same at every call. */
export function sampleBytes(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length)
  let state = seed
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    bytes[index] = state >>> 24
  }
  return bytes
}

/** Holds that two arrays have the same bytes, whatever their class; `toEqual` takes seconds for megabytes. */
export function expectBytes(actual: Uint8Array, expected: Uint8Array, what = 'the bytes'): void {
  if (Buffer.compare(actual, expected) === 0) return
  const at = expected.findIndex((byte, index) => byte !== actual[index])
  expect.fail(`${what}: ${actual.length} bytes are not the ${expected.length} expected, from offset ${at} on`)
}

/** A stream of the given chunks; `onClose` is called once it is read to the end or let go. */
export async function* streamOf(
  chunks: Iterable<Uint8Array>,
  onClose?: () => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* chunks
  } finally {
    onClose?.()
  }
}
