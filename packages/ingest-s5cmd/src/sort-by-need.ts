import { LakeError, type ObjectInfo } from '@lake/core'
import type { ArchiveFile } from './archive-file.ts'
import { isSameFile, lookForFiles } from './held-files.ts'
import { sha256KeyOf } from './published-checksum.ts'
import { type BatchOutcome, checkInside, type MovedFile, type TransferContext } from './transfer-context.ts'
import type { KnownFile } from './transferred-file.ts'

/** A file that has to be moved. */
export interface MissingFile {
  readonly file: ArchiveFile
  /** Where it is to lie. */
  readonly key: string
  /** The file itself is there, only its CHECKSUM is not. */
  readonly held: MovedFile | undefined
}

/** A batch, sorted. */
export interface Sorted extends BatchOutcome {
  readonly missing: MissingFile[]
  /** The target holds nothing else where they are to lie. */
  readonly isAlone: boolean
}

/**
 * Which files of a batch the target lacks, which it has, and which it holds in another form or cannot be handed to
 * another program: those need the checked way. A file that is named twice is taken once.
 */
export async function sortByNeed(context: TransferContext, files: readonly ArchiveFile[]): Promise<Sorted> {
  const { target, known, signal } = context
  const outcome: Unsorted = { moved: [], left: [], missing: [] }
  const wanted = wantedKeys(context, files, outcome)
  const keys = wanted.flatMap(([key, file]) => namesOf(key, file, known(file)))
  const { held, isAlone } = await lookForFiles(target, keys, signal)
  for (const [key, file] of wanted) sortOne({ key, file, held, memory: known(file) }, outcome)
  return { ...outcome, isAlone }
}

type Unsorted = Omit<Sorted, 'isAlone'>

type Wanted = [key: string, file: ArchiveFile]

function wantedKeys({ targetKey }: TransferContext, files: readonly ArchiveFile[], { left }: Unsorted): Wanted[] {
  const wanted = new Map<string, ArchiveFile>()
  for (const file of files) {
    try {
      const key = targetKey(file)
      checkInside(file.key)
      checkInside(key)
      wanted.set(key, file)
    } catch (error) {
      if (!LakeError.is(error)) throw error
      left.push({ file, failed: false, reason: error.message })
    }
  }
  return [...wanted]
}

/** Its first version, the one that is remembered, and the CHECKSUM of each. */
function namesOf(key: string, file: ArchiveFile, memory: KnownFile | undefined): string[] {
  const versions = memory?.key === undefined || memory.key === key ? [key] : [key, memory.key]
  return sha256KeyOf(file) === undefined ? versions : versions.flatMap((name) => [name, `${name}.CHECKSUM`])
}

interface ToSort {
  readonly key: string
  readonly file: ArchiveFile
  readonly held: ReadonlyMap<string, ObjectInfo>
  readonly memory: KnownFile | undefined
}

function sortOne({ key, file, held, memory }: ToSort, { moved, left, missing }: Unsorted): void {
  // The newest version counts, where there are several.
  const newest = memory?.key !== undefined && held.has(memory.key) ? memory.key : key
  const info = held.get(newest)
  if (info === undefined) {
    missing.push({ file, key, held: undefined })
    return
  }
  if (!isSameFile(info, file, memory)) {
    left.push({ file, failed: false, reason: 'The target holds other bytes under its name.' })
    return
  }
  const isKnown = memory !== undefined && memory.etag === info.etag
  const there: MovedFile = {
    ...{ file, key: newest, size: info.size, etag: info.etag, skipped: true, restated: newest !== key },
    sha256: isKnown ? memory.sha256 : undefined,
    state: isKnown && memory.verified === true ? 'verified' : 'unverified',
  }
  if (sha256KeyOf(file) === undefined || held.has(`${newest}.CHECKSUM`)) moved.push(there)
  else missing.push({ file, key: newest, held: there })
}
