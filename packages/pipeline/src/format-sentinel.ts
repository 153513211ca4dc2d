import {
  type DatasetId,
  type ExchangeAdapter,
  type FormatFingerprint,
  LakeError,
  type SourceFormat,
  type TimeRange,
} from '@lake/core'
import { originalKey } from '@lake/ingest-s5cmd'
import type { InventoryFile } from '@lake/ledger'
import { type FormatChange, formatChanges, isKnownChange, type ParseReport } from '@lake/parse'
import type { Lake } from './define-lake.ts'
import type { FileFindings } from './file-findings.ts'
import type { HeldFile } from './held-file.ts'
import { namingInput } from './refused-input.ts'
import { sharedFileOf } from './shared-file.ts'

export interface FormatSentinelOptions {
  readonly lake: Lake
  readonly adapter: ExchangeAdapter
  readonly dataset: DatasetId
  /** What the lake holds of the dataset already. */
  readonly inventory: Iterable<InventoryFile>
  readonly signal?: AbortSignal | undefined
}

/** A known change of form, and the file that it came with. */
export interface FileChange extends FormatChange {
  /** The file's key in bronze. */
  readonly file: string
}

/** Compares each new file of a dataset with the one before it in time, before anything of it is written. */
export interface FormatSentinel {
  /** A place in the queue: files of months are compared in the order in which the months queue. */
  queue(): SentinelTurn
  /** What was found to be known changes. */
  readonly changes: readonly FileChange[]
  /** What a file looks like, by its key in bronze; only files that were compared. */
  readonly fingerprints: ReadonlyMap<string, FormatFingerprint>
}

/** The turn of one month. */
export interface SentinelTurn {
  /**
   * Compares files that the reading has found something about.
   *
   * @throws {@link LakeError} `BAD_FORMAT` with file, line, column and value for a change that the format does not know.
   */
  check(files: readonly HeldFile[], findings: readonly FileFindings[]): Promise<void>
  /** Takes note of files that hold no row of the dataset: there is nothing to compare. */
  passed(findings: readonly FileFindings[]): void
  /** Says that partitions are made of files, whether they were read now or long ago. */
  took(files: readonly HeldFile[]): void
  /** Lets the next month have its turn: no file is left to be compared. The second time it does nothing. */
  done(): void
}

/** A file that another may be compared with. */
interface Candidate {
  readonly key: string
  readonly period: TimeRange
  readonly fingerprint?: FormatFingerprint | undefined
}

/**
 * The sentinel of a dataset. A file is compared with the one that ends last of those that end where it begins, or
 * before. What a file looks like is a function of its bytes: where the inventory does not say, because the run was
 * killed or an older release took the file in, it is read once more. A file whose form the inventory knows was
 * compared when it came, and is not compared again.
 */
export function openFormatSentinel(options: FormatSentinelOptions): FormatSentinel {
  const candidates = new Map(candidatesOf(options).map((candidate) => [candidate.key, candidate]))
  const fingerprints = new Map<string, FormatFingerprint>()
  const changes: FileChange[] = []
  let last: Promise<unknown> = Promise.resolve()
  const checkFile = async (file: Candidate, fingerprint: FormatFingerprint): Promise<void> => {
    if (fingerprints.has(file.key)) return
    const isCompared = candidates.get(file.key)?.fingerprint !== undefined
    const before = isCompared ? undefined : await formBefore(options, [...candidates.values()], file)
    if (before !== undefined) {
      const found = formatChanges(before, fingerprint)
      await namingInput(file.key, async () => refuseUnknown(options, { file, before, fingerprint, found }))
      changes.push(...found.map((change) => ({ ...change, file: file.key })))
    }
    fingerprints.set(file.key, fingerprint)
    candidates.set(file.key, { ...file, fingerprint })
  }
  return {
    changes,
    fingerprints,
    queue: () => {
      const before = last
      let done = (): void => undefined
      const turn = new Promise<void>((resolve) => {
        done = resolve
      })
      last = Promise.all([before, turn])
      const check: SentinelTurn['check'] = async (files, findings) => {
        await before
        const byKey = new Map(findings.map((found) => [found.key, found]))
        for (const { key, period } of [...files].sort((a, b) => a.period.from - b.period.from)) {
          const found = byKey.get(key)
          if (found !== undefined) await checkFile({ key, period }, found.fingerprint)
        }
      }
      const took: SentinelTurn['took'] = (files) => {
        for (const { key, period, source } of files) {
          if (source === 'archive' && !candidates.has(key)) candidates.set(key, { key, period })
        }
      }
      const passed: SentinelTurn['passed'] = (findings) => {
        for (const { key, fingerprint } of findings) fingerprints.set(key, fingerprint)
      }
      return { check, passed, took, done }
    },
  }
}

function candidatesOf({ adapter, inventory }: FormatSentinelOptions): Candidate[] {
  return [...inventory].flatMap(({ sourceKey, key, fingerprint }) => {
    const period = adapter.archive?.parseKey(sourceKey)?.period
    return period === undefined ? [] : [{ key, period, fingerprint }]
  })
}

async function formBefore(
  options: FormatSentinelOptions,
  candidates: readonly Candidate[],
  { period }: Candidate,
): Promise<FormatFingerprint | undefined> {
  const before = candidates
    .filter((candidate) => candidate.period.to <= period.from && candidate.fingerprint?.ownRows !== 0)
    .sort(byTime)
  const nearest = before.at(-1)
  if (nearest === undefined || nearest.fingerprint !== undefined) return nearest?.fingerprint
  try {
    const { fingerprint } = await readForm(options, nearest)
    if (fingerprint.ownRows !== 0) return fingerprint
    return before.findLast((candidate) => candidate.fingerprint !== undefined)?.fingerprint
  } catch (error) {
    // A file that was put into bronze and never became rows says nothing about the others.
    if (!LakeError.is(error)) throw error
    return before.findLast(({ fingerprint }) => fingerprint !== undefined)?.fingerprint
  }
}

function byTime(a: Candidate, b: Candidate): number {
  return a.period.to - b.period.to || a.period.from - b.period.from || (a.key < b.key ? -1 : 1)
}

async function refuseUnknown(
  options: FormatSentinelOptions,
  comparison: {
    readonly file: Candidate
    readonly before: FormatFingerprint
    readonly fingerprint: FormatFingerprint
    readonly found: readonly FormatChange[]
  },
): Promise<void> {
  const { file, before, fingerprint, found } = comparison
  const format = options.adapter.formats?.find(({ id }) => id === fingerprint.format)
  const unknown = found.find((change) => format === undefined || !isKnownChange(change, format))
  if (unknown === undefined) return
  // Reading it again beside the earlier form stops at the line where the change shows.
  await readForm(options, file, before)
  const { what, column = null, from, to } = unknown
  throw new LakeError(
    'BAD_FORMAT',
    `${file.key} has another form than the file before it: ${what} ${column ?? ''} was ${from} and is ${to}. Nothing of this file was taken.`,
    { details: { file: file.key, column, value: to } },
  )
}

async function readForm(
  { lake, adapter, dataset, signal }: FormatSentinelOptions,
  { key, period }: Candidate,
  previousFormat?: FormatFingerprint,
): Promise<ParseReport> {
  const formats: readonly SourceFormat[] = adapter.formats ?? []
  const { parseArchive } = await import('./parse-archive.ts')
  const { body } = await lake.store.get(key, { signal })
  const shared = sharedFileOf(adapter, dataset, key)
  const file = { source: body, name: originalKey(key), dataset, period, formats, quarantine: { limit: 1 }, shared }
  const batches = parseArchive({ ...file, previousFormat, signal })
  for (;;) {
    const { value, done } = await batches.next()
    if (done === true) return value
  }
}
