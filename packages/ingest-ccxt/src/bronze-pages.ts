import {
  bronzePageKey,
  bronzePagePrefix,
  type DatasetId,
  LakeError,
  type ObjectStore,
  parsePageKey,
  rangesOverlap,
  type RawPage,
  readObject,
  type TimeRange,
} from '@lake/core'
import { decodePage, encodePage } from './page-file.ts'

/**
 * Puts a page into bronze, under a key that says what was asked and what came. The same answer to the same question is
 * one object: what is there stays as it is.
 *
 * @returns the key, and whether the page is new
 *
 * @example
 * for await (const page of fetchRange({ adapter, dataset, range })) await writePage(store, page)
 */
export async function writePage(
  store: ObjectStore,
  page: RawPage,
  signal?: AbortSignal,
): Promise<{ readonly key: string; readonly isNew: boolean }> {
  const { dataset, ...name } = page.envelope
  const key = bronzePageKey(dataset, name)
  try {
    await store.put(key, encodePage(page), { ifAbsent: true, signal })
    return { key, isNew: true }
  } catch (error) {
    if (LakeError.is(error) && error.code === 'CONFLICT') return { key, isNew: false }
    throw error
  }
}

export interface ReadPagesOptions {
  readonly store: ObjectStore
  readonly dataset: DatasetId
  /** `YYYY-MM`; every month when absent. */
  readonly month?: string | undefined
  /** Only pages whose range overlaps it: told by their names, so the others are not read. */
  readonly range?: TimeRange | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * The pages of a dataset in bronze, in the order of their keys, so by month. One is held at a time.
 *
 * @throws {@link LakeError} `CORRUPT_LAKE` when a file there is no page.
 *
 * @example
 * for await (const page of readPages({ store, dataset, month: '2024-01' })) console.log(page.envelope.range)
 */
export async function* readPages(options: ReadPagesOptions): AsyncGenerator<RawPage, void, undefined> {
  const { store, dataset, month, range, signal } = options
  for await (const { key } of store.list({ prefix: bronzePagePrefix(dataset, month), signal })) {
    signal?.throwIfAborted()
    const name = parsePageKey(key)
    if (name === undefined || (range !== undefined && !rangesOverlap(name.range, range))) continue
    yield decodePage(await readObject(store, key, { signal }), key)
  }
}
