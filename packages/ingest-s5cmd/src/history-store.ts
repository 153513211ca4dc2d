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
import { firstInZip } from './first-in-zip.ts'
import { historyContent, type HistoryPlace } from './history-content.ts'
import { type HistoryMonth, historyMonths } from './history-months.ts'
import { type ZipMember, zipMembers } from './zip-members.ts'

type Histories = Extract<ArchiveListing, { readonly kind: 'histories' }>

/** A file that holds all of a dataset. */
interface History extends HistoryPlace {
  /** As people may find it: its key, or its name in a zip. */
  readonly file: string
  readonly etag: string
  readonly dataset: DatasetId
}

/** A month of one, as a file of the archive. */
interface Slice extends HistoryMonth {
  readonly history: History
  readonly info: ObjectInfo
}

/**
 * Whole histories, as a venue gives them to people, as an archive of monthly files: each is a stretch of the bytes of a
 * history, whole lines, and changes its etag with it. Histories lie in folders of any name, as they are, in gzip, or
 * many in a zip. Read-only; a history is read once to find its months, when its dataset is listed, and each month is then
 * read from its place; of one that is packed, all that is in front of the month too.
 *
 * @throws {@link LakeError} from `list` and `get`: `BAD_ROW` when a history is in no order of months, `BAD_REQUEST` when two
 * have the same month of a dataset, `BAD_ARCHIVE` when a zip or what is in it is damaged; a damaged zip
 * whose first file is no history is left alone, as a sound one is.
 */
export function historyStore(base: ObjectStore, rules: ArchiveRules, histories: Histories): ObjectStore {
  const known = new Map<string, Promise<readonly HistoryMonth[]>>()
  const directories = new Map<string, Promise<readonly ZipMember[]>>()

  function membersOf(zip: ObjectInfo, signal: AbortSignal | undefined): Promise<readonly ZipMember[]> {
    const name = `${zip.key} ${zip.etag}`
    const members = directories.get(name) ?? readDirectory(zip, signal)
    directories.set(name, members)
    return members
  }

  async function readDirectory(zip: ObjectInfo, signal: AbortSignal | undefined): Promise<readonly ZipMember[]> {
    try {
      return await zipMembers(base, zip, signal)
    } catch (error) {
      if (!LakeError.is(error) || error.code !== 'BAD_ARCHIVE') throw error
      const first = await firstInZip(base, zip, signal)
      if (first === undefined || histories.readName(lastPart(first)) !== undefined) throw error
      return []
    }
  }

  async function findHistories(signal: AbortSignal | undefined): Promise<History[]> {
    const found: History[] = []
    for await (const object of base.list({ signal })) {
      const { key, etag } = object
      const dataset = histories.readName(lastPart(key))
      if (dataset !== undefined) found.push({ object, file: key, etag, dataset })
      if (!key.endsWith('.zip')) continue
      for (const member of await membersOf(object, signal)) {
        const held = histories.readName(lastPart(member.name))
        const [file, own] = [`${member.name} in ${key}`, `${etag}:${member.offset}`]
        if (held !== undefined) found.push({ object, member, file, etag: own, dataset: held })
      }
    }
    return found
  }

  async function slicesOf(history: History, signal: AbortSignal | undefined): Promise<Slice[]> {
    const { file, etag, dataset } = history
    const name = `${file} ${etag}`
    const months =
      known.get(name) ??
      historyContent(base, history, signal).then((chunks) =>
        historyMonths(chunks, { file, readTime: (line) => histories.readTime(line) }),
      )
    known.set(name, months)
    return (await months).flatMap((month): Slice[] => {
      const key = rules.key(dataset, parsePeriod(month.month))
      const { lastModified } = history.object
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
        throw new LakeError('CONFLICT', `${history.file} was replaced while it was read. Run again.`)
      }
      const start = slice.start + Math.min(range?.start ?? 0, info.size)
      const end = Math.min(slice.start + (range?.end ?? info.size), slice.end)
      return { info, body: await historyContent(base, history, signal, { start, end: Math.max(start, end) }) }
    },
    put: refuse,
    delete: refuse,
  }
}

function twice(base: ObjectStore, one: Slice, other: Slice): LakeError {
  const [first, second] = [one.history.file, other.history.file]
  return new LakeError(
    'BAD_REQUEST',
    `${base.url} has ${one.month} of ${formatDatasetId(one.history.dataset)} twice, in ${first} and in ${second}, and it cannot be told which is right. Nothing was taken: move one of them away.`,
    { details: { files: [first, second], month: one.month } },
  )
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
