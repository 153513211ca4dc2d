import { LakeError, type ObjectStore } from '@lake/core'
import type { ArchiveFile } from './archive-file.ts'
import type { S5cmd } from './detect-s5cmd.ts'
import type { Runner } from './runner.ts'
import type { LearntOfTarget } from './stored-digests.ts'
import type { TransferEnd } from './transfer-end.ts'
import type { TransferTally } from './transfer-tally.ts'
import type { KnownFile, TransferProgress } from './transferred-file.ts'

/** What every way of moving files is given. */
export interface TransferContext {
  readonly source: ObjectStore
  readonly target: ObjectStore
  readonly sourceEnd: TransferEnd
  readonly targetEnd: TransferEnd
  readonly s5cmd: S5cmd | undefined
  readonly runner: Runner
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly targetKey: (file: ArchiveFile) => string
  readonly known: (file: ArchiveFile) => KnownFile | undefined
  readonly listed: (folder: string) => number | undefined
  readonly concurrency: number | undefined
  readonly attempts: number
  readonly pauseMillis: number
  readonly stallMillis: number
  readonly stagingFolder: string | undefined
  readonly tally: TransferTally
  readonly learnt: LearntOfTarget
  readonly onProgress: ((progress: TransferProgress) => void) | undefined
  readonly signal: AbortSignal | undefined
}

/** A file that lies in the target. */
export interface MovedFile {
  readonly file: ArchiveFile
  /** Where it lies. */
  readonly key: string
  readonly size: number
  readonly etag: string
  /** Known when its bytes passed through this process, or when the target computes it. */
  readonly sha256?: string | undefined
  /** `verified`: its sha256 is the published one. `unverified`: nobody has compared it yet, or none is published. */
  readonly state: 'verified' | 'unverified'
  /** The target had it already. */
  readonly skipped: boolean
  /** The target held other bytes under this name: they stay, and these lie beside them. */
  readonly restated: boolean
}

/** A file that could not be moved in the way that was chosen, and must take the checked one. */
interface LeftFile {
  readonly file: ArchiveFile
  /** It was tried and failed; otherwise it was not even tried. */
  readonly failed: boolean
  /** One sentence. */
  readonly reason: string
}

/** What came of a batch. */
export interface BatchOutcome {
  readonly moved: MovedFile[]
  readonly left: LeftFile[]
}

/**
 * Holds that a key cannot lead out of the place that it is meant for. The stores hold this themselves; a key that is
 * handed to another program must be looked at before.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when it could.
 */
export function checkInside(key: string): void {
  if (!LEADS_OUT.test(key)) return
  const message = `The key ${JSON.stringify(key)} of the source could lead out of the target. It was not taken; nothing was changed.`
  throw new LakeError('BAD_REQUEST', message, { details: { key } })
}

/** An empty part, a dot, two dots, a backslash or a NUL. */
const LEADS_OUT = /(?:^|\/)\.{0,2}(?:\/|$)|[\\\0]/
