import type { TransferMode } from './choose-mode.ts'
import type { TransferTally } from './transfer-tally.ts'

/** What became of one file. */
export interface FileReport {
  /** The key on the source. */
  readonly key: string
  /** How it was moved in the end. */
  readonly mode: 'direct' | 'traditional'
  /** Why in this way. */
  readonly reason: string
  /**
   * `verified`: its sha256 is the published one. `unverified`: no sha256 is published, or nobody has read the bytes
   * yet; the first reader compares them. `failed`: it is not in the target.
   */
  readonly state: 'verified' | 'unverified' | 'failed'
  /** The target had it already. */
  readonly skipped?: true | undefined
  /** It lies beside an earlier version. */
  readonly restated?: true | undefined
  /** Why it is not in the target. */
  readonly error?: { readonly code: string; readonly message: string } | undefined
}

/** What a transfer came to. Plain JSON. */
export interface TransferReport {
  readonly id: string
  /** ISO 8601, UTC. */
  readonly startedAt: string
  /** What was asked for. */
  readonly mode: TransferMode
  /** Of s5cmd; absent where there is none. */
  readonly s5cmd?: string | undefined
  /** False when something ended the run before its last file. */
  readonly complete: boolean
  readonly files: number
  /** Of all files that lie in the target now, whether they came now or were there. */
  readonly bytes: number
  readonly bytesMoved: number
  readonly seconds: number
  /** Of the bytes moved; 0 when none were. */
  readonly megabytesPerSecond: number
  /** To both ends, as far as this side knows. */
  readonly requests: number
  /** Payload that came to this machine. */
  readonly bytesThroughClient: number
  /** Payload that was written to a disk of this machine on the way. */
  readonly localBytes: number
  readonly retries: number
  /** Files whose batch failed them, and that then took the checked way. */
  readonly fallbacks: number
  readonly skipped: number
  readonly restated: number
  readonly unverified: number
  /** Of the unverified files, those of which no sha256 is published: nothing can verify them. */
  readonly unpublished: number
  readonly failed: number
  /** How many files were moved in which way. */
  readonly modes: { readonly direct: number; readonly traditional: number }
  /** What the same files cost when each is downloaded and uploaded. */
  readonly traditionalWay: { readonly requests: number; readonly bytesThroughClient: number }
  /** Each file, in the order in which they were done. */
  readonly byFile: readonly FileReport[]
  /** How many entries a stored report has not, because it keeps only ten thousand. */
  readonly byFileOmitted?: number | undefined
  /** Where the report lies in the target; absent in the stored report itself, and where nothing was stored. */
  readonly storedAs?: string | undefined
  /** Why it could not be stored. */
  readonly notStored?: string | undefined
}

/** Takes what became of each file, its bytes and its objects, of which a published sha256 is one, and adds it up. */
export interface ReportBuilder {
  add(file: FileReport, size: number, objects: number): void
  readonly failed: number
  finish(end: ReportEnd): TransferReport
}

interface ReportEnd {
  readonly complete: boolean
  readonly seconds: number
  readonly tally: TransferTally
  readonly fallbacks: number
}

/** Down by HEAD and GET, up by PUT. */
const REQUESTS_THROUGH = 3

export function reportBuilder(about: Pick<TransferReport, 'id' | 'startedAt' | 'mode' | 's5cmd'>): ReportBuilder {
  const byFile: FileReport[] = []
  const modes = { direct: 0, traditional: 0 }
  const sum = { bytes: 0, bytesMoved: 0, skipped: 0, restated: 0, unverified: 0, unpublished: 0, failed: 0 }
  let objects = 0
  return {
    get failed() {
      return sum.failed
    },
    add(file, size, objectsOfFile) {
      byFile.push(file)
      if (file.state === 'failed') {
        sum.failed++
        return
      }
      sum.bytes += size
      if (file.state === 'unverified') sum.unverified++
      if (file.state === 'unverified' && objectsOfFile === 1) sum.unpublished++
      if (file.restated === true) sum.restated++
      if (file.skipped === true) {
        sum.skipped++
        return
      }
      sum.bytesMoved += size
      modes[file.mode]++
      objects += objectsOfFile
    },
    finish({ complete, seconds, tally, fallbacks }) {
      const traditionalWay = { requests: objects * REQUESTS_THROUGH, bytesThroughClient: sum.bytesMoved }
      const megabytesPerSecond = seconds > 0 ? sum.bytesMoved / seconds / 1e6 : 0
      const totals = { ...sum, seconds, megabytesPerSecond, ...tally, fallbacks, modes, traditionalWay }
      return { ...about, complete, files: byFile.length, ...totals, byFile }
    },
  }
}
