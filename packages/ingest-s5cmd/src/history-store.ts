import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import {
  type ArchiveListing,
  type ArchiveRules,
  type DatasetId,
  formatDatasetId,
  LakeError,
  type ListOptions,
  type ObjectInfo,
  type ObjectStore,
  parsePeriod,
} from '@lake/core'
import { compareKeys } from '@lake/storage'
import { type HistoryMonth, historyMonths } from './history-months.ts'

type Histories = Extract<ArchiveListing, { readonly kind: 'histories' }>

/** A file that holds all of a dataset. */
interface History {
  readonly info: ObjectInfo
  readonly dataset: DatasetId
}

/** A month of one, as a file of the archive. */
interface Slice extends HistoryMonth {
  readonly history: History
  readonly info: ObjectInfo
}

/**
 * Whole histories, as a venue gives them to people, as an archive of monthly files: each is a stretch of the bytes of a
 * history, whole lines, and changes its etag with it. Folders may be of any name. Read-only; a history is read once to
 * find its months, when its dataset is listed, and each month is then read from its place; of one in gzip, all that is
 * in front of the month too.
 *
 * @throws {@link LakeError} from `list` and `get`: `BAD_ROW` when a history is in no order of months, `BAD_REQUEST` when two
 * have the same month of a dataset.
 */
export function historyStore(base: ObjectStore, rules: ArchiveRules, histories: Histories): ObjectStore {
  const known = new Map<string, Promise<readonly HistoryMonth[]>>()

  async function findHistories(signal: AbortSignal | undefined): Promise<History[]> {
    const found: History[] = []
    for await (const info of base.list({ signal })) {
      const dataset = histories.readName(info.key.slice(info.key.lastIndexOf('/') + 1))
      if (dataset !== undefined) found.push({ info, dataset })
    }
    return found
  }

  async function slicesOf(history: History, signal: AbortSignal | undefined): Promise<Slice[]> {
    const { info, dataset } = history
    const name = `${info.key} ${info.etag}`
    const months =
      known.get(name) ??
      contentOf(base, info, signal).then((chunks) =>
        historyMonths(chunks, { file: info.key, readTime: (line) => histories.readTime(line) }),
      )
    known.set(name, months)
    return (await months).flatMap((month): Slice[] => {
      const key = rules.key(dataset, parsePeriod(month.month))
      const { lastModified, etag } = info
      const [size, stretch] = [month.end - month.start, `${month.start}-${month.end}`]
      return key === undefined
        ? []
        : [{ ...month, history, info: { key, size, lastModified, etag: `${etag}:${stretch}` } }]
    })
  }

  /** The months of all histories of the datasets that a test lets pass, by key. */
  async function slices(holds: (dataset: DatasetId) => boolean, signal?: AbortSignal): Promise<Map<string, Slice>> {
    const byKey = new Map<string, Slice>()
    for (const history of await findHistories(signal)) {
      if (!holds(history.dataset)) continue
      for (const slice of await slicesOf(history, signal)) {
        const other = byKey.get(slice.info.key)
        if (other !== undefined) throw twice(base, other, slice)
        byKey.set(slice.info.key, slice)
      }
    }
    return byKey
  }

  async function find(key: string, signal: AbortSignal | undefined): Promise<Slice | undefined> {
    const wanted = rules.parseKey(key)?.dataset
    if (wanted === undefined) return undefined
    const id = formatDatasetId(wanted)
    return (await slices((dataset) => formatDatasetId(dataset) === id, signal)).get(key)
  }

  async function* list({ prefix = '', delimiter, signal }: ListOptions = {}): AsyncGenerator<
    ObjectInfo,
    void,
    undefined
  > {
    const folders = new Set<string>()
    const isBelow = (dataset: DatasetId): boolean =>
      rules.prefixes(dataset).some((place) => {
        // A folder is named by its dataset: no history need be read for that.
        if (delimiter === undefined || prefix.startsWith(place))
          return place.startsWith(prefix) || prefix.startsWith(place)
        if (place.startsWith(prefix)) folders.add(place.slice(0, place.indexOf('/', prefix.length) + 1))
        return false
      })
    const found = await slices(isBelow, signal)
    const files = [...found.values()].flatMap(({ info }) => (info.key.startsWith(prefix) ? [info] : []))
    const entries = [...files, ...[...folders].map((key) => ({ key, size: 0, etag: '', lastModified: 0 }))]
    yield* entries.sort((a, b) => compareKeys(a.key, b.key))
  }

  const refuse = (): Promise<never> => {
    const message = `${base.url} holds downloaded histories and is only read.`
    return Promise.reject(new LakeError('READ_ONLY', message))
  }
  return {
    url: base.url,
    list,
    head: async (key, { signal } = {}) => (await find(key, signal))?.info,
    async get(key, { range, ifMatch, signal } = {}) {
      const slice = await find(key, signal)
      if (slice === undefined) throw new LakeError('NOT_FOUND', `${base.url} has no ${key}.`, { details: { key } })
      const { info, history } = slice
      if (ifMatch !== undefined && ifMatch !== info.etag) {
        throw new LakeError('CONFLICT', `${history.info.key} was replaced while it was read. Run again.`)
      }
      const start = slice.start + Math.min(range?.start ?? 0, info.size)
      const end = Math.min(slice.start + (range?.end ?? info.size), slice.end)
      return { info, body: await contentOf(base, history.info, signal, { start, end: Math.max(start, end) }) }
    },
    put: refuse,
    delete: refuse,
  }
}

/** The text of a history, or a stretch of it. */
async function contentOf(
  base: ObjectStore,
  { key, etag }: ObjectInfo,
  signal: AbortSignal | undefined,
  range?: { readonly start: number; readonly end: number },
): Promise<AsyncIterable<Uint8Array>> {
  const options = { signal, ...(etag === '' ? {} : { ifMatch: etag }) }
  if (!key.endsWith('.gz')) return (await base.get(key, { ...options, range })).body
  const { body } = await base.get(key, options)
  return stretchOf(gunzip(body, key), range ?? { start: 0, end: Number.POSITIVE_INFINITY })
}

async function* gunzip(body: AsyncIterable<Uint8Array>, key: string): AsyncGenerator<Uint8Array, void, undefined> {
  const unpacker = createGunzip()
  pipeline(Readable.from(body), unpacker, () => undefined)
  try {
    for await (const chunk of unpacker) if (chunk instanceof Uint8Array) yield chunk
  } catch (cause) {
    if (LakeError.is(cause)) throw cause
    const message = `${key} cannot be unpacked: it is no whole gzip file. Nothing of it was taken; fetch it again.`
    throw new LakeError('BAD_ARCHIVE', message, { cause, details: { file: key } })
  }
}

async function* stretchOf(
  chunks: AsyncIterable<Uint8Array>,
  { start, end }: { readonly start: number; readonly end: number },
): AsyncGenerator<Uint8Array, void, undefined> {
  let position = 0
  for await (const chunk of chunks) {
    const part = chunk.subarray(Math.max(0, start - position), Math.max(0, end - position))
    position += chunk.length
    if (part.length > 0) yield part
    if (position >= end) return
  }
}

function twice(base: ObjectStore, one: Slice, other: Slice): LakeError {
  const [first, second] = [one.history.info.key, other.history.info.key]
  return new LakeError(
    'BAD_REQUEST',
    `${base.url} has ${one.month} of ${formatDatasetId(one.history.dataset)} twice, in ${first} and in ${second}, and it cannot be told which is right. Nothing was taken: move one of them away.`,
    { details: { files: [first, second], month: one.month } },
  )
}
