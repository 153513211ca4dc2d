import { LakeError } from '@lake/core'
import type { ArchiveFile } from './archive-file.ts'
import { isSameFile, lookForFiles } from './held-files.ts'
import { sha256KeyOf } from './published-checksum.ts'
import { type BatchOutcome, checkInside, type MovedFile, type TransferContext } from './transfer-context.ts'

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
  const { target, targetKey, known, signal } = context
  const outcome: BatchOutcome & Pick<Sorted, 'missing'> = { moved: [], left: [], missing: [] }
  const wanted = new Map<string, ArchiveFile>()
  for (const file of files) {
    try {
      const key = targetKey(file)
      checkInside(file.key)
      checkInside(key)
      wanted.set(key, file)
    } catch (error) {
      if (!LakeError.is(error)) throw error
      outcome.left.push({ file, failed: false, reason: error.message })
    }
  }
  const keys = [...wanted].flatMap(([key, file]) => {
    const versions = new Set([key, known(file)?.key ?? key])
    return [...versions].flatMap((name) => (sha256KeyOf(file) === undefined ? [name] : [name, `${name}.CHECKSUM`]))
  })
  const { held: found, isAlone } = await lookForFiles(target, keys, signal)
  for (const [key, file] of wanted) {
    const memory = known(file)
    // The newest version counts, where there are several.
    const newest = memory?.key !== undefined && found.has(memory.key) ? memory.key : key
    const info = found.get(newest)
    if (info === undefined) {
      outcome.missing.push({ file, key, held: undefined })
    } else if (isSameFile(info, file, memory)) {
      const isKnown = memory !== undefined && memory.etag === info.etag
      const moved: MovedFile = {
        ...{ file, key: newest, size: info.size, etag: info.etag, skipped: true, restated: newest !== key },
        sha256: isKnown ? memory.sha256 : undefined,
        state: isKnown && memory.verified === true ? 'verified' : 'unverified',
      }
      if (sha256KeyOf(file) === undefined || found.has(`${newest}.CHECKSUM`)) outcome.moved.push(moved)
      else outcome.missing.push({ file, key: newest, held: moved })
    } else {
      outcome.left.push({ file, failed: false, reason: 'The target holds other bytes under its name.' })
    }
  }
  return { ...outcome, isAlone }
}
