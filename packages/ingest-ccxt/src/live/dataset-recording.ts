import { join } from 'node:path'
import { DAY_MICROS, type DatasetId, formatDatasetId } from '@lake/core'
import { eventLine, frameLine } from './frame-line.ts'
import { type PendingBytes, SpoolFile } from './spool-file.ts'

/** When a file is closed and goes to bronze. */
export interface RotateRule {
  /** The age of a file with frames, in microseconds. */
  readonly everyMicros: number
  /** The size of a file, in bytes before it is compressed. */
  readonly bytes: number
}

export interface RecordingOptions {
  readonly dataset: DatasetId
  readonly channel: string
  /** The name of the connection, as the session's sign of life has it. */
  readonly link: string
  readonly session: string
  /** Where its files are. */
  readonly folder: string
  /** The name that its files begin with. */
  readonly name: string
  readonly rotate: RotateRule
  readonly pending: PendingBytes
  /** Takes a file that is closed. */
  readonly onClosed: (path: string) => void
}

/** The recording of one dataset: which file frames go to, and what is covered. */
export class DatasetRecording {
  readonly dataset: DatasetId
  frames = 0
  /** Times that the coverage ended. */
  gaps = 0
  /** Whether it ever was covered. */
  wasCovered = false
  readonly #options: RecordingOptions
  #file: SpoolFile | undefined
  #number = 0
  #openedAt = 0
  #framesInFile = 0
  #isCovered = false
  #closing: Promise<void> = Promise.resolve()

  constructor(options: RecordingOptions) {
    this.dataset = options.dataset
    this.#options = options
  }

  frame(at: number, frame: Buffer): void {
    const file = this.#fileAt(at)
    for (const part of frameLine(at, frame)) file.append(part)
    this.frames++
    this.#framesInFile++
  }

  covered(at: number): void {
    if (this.#isCovered) return
    this.#fileAt(at).append(eventLine(at, { event: 'covered' }))
    this.#isCovered = true
    this.wasCovered = true
  }

  /**
   * @param since the last instant of which it is known that nothing was missed
   * @param isGap false when the recording ends here because it shall
   */
  lost(at: number, since: number, reason: string, isGap = true): void {
    if (!this.#isCovered) return
    this.#fileAt(at).append(eventLine(at, { event: 'lost', since, reason }))
    this.#isCovered = false
    if (isGap) this.gaps++
  }

  malformed(at: number, text: string): void {
    this.#fileAt(at).append(eventLine(at, { event: 'malformed', text }))
  }

  /** Closes a file that is due; at midnight also one without frames. */
  tick(at: number): void {
    const { rotate } = this.#options
    if (this.#file === undefined) return
    const isOld = at - this.#openedAt >= rotate.everyMicros
    if ((isOld && this.#framesInFile > 0) || this.#file.bytes >= rotate.bytes) this.#rotate(at)
    else this.#fileAt(at)
  }

  /** Writes what waits to the disk, and waits for files that are being closed. */
  async flush(): Promise<void> {
    await Promise.all([this.#file?.flush(), this.#closing])
  }

  async close(at: number): Promise<void> {
    this.#close(at)
    await this.#closing
  }

  /** The file that an instant belongs to: a file holds one day. */
  #fileAt(at: number): SpoolFile {
    const midnight = (Math.floor(this.#openedAt / DAY_MICROS) + 1) * DAY_MICROS
    if (this.#file !== undefined && at >= midnight) {
      // A day without a line has an empty file, which says that it is covered.
      for (let day = midnight; day <= at; day += DAY_MICROS) this.#rotate(day)
    }
    return this.#file ?? this.#open(at)
  }

  #rotate(at: number): void {
    this.#close(at)
    const file = this.#open(at)
    if (this.#isCovered) file.append(eventLine(at, { event: 'covered' }))
  }

  #open(at: number): SpoolFile {
    const { folder, name, session, channel, link, pending, dataset } = this.#options
    const file = new SpoolFile(join(folder, `${name}-${this.#number++}.frames`), pending)
    const about = { session, dataset: formatDatasetId(dataset), channel, link }
    file.append(eventLine(at, { event: 'open', format: 1, ...about }))
    this.#file = file
    this.#openedAt = at
    this.#framesInFile = 0
    return file
  }

  #close(at: number): void {
    const file = this.#file
    if (file === undefined) return
    file.append(eventLine(at, { event: 'close' }))
    this.#file = undefined
    this.#closing = this.#closing.then(async () => {
      await file.close()
      this.#options.onClosed(file.path)
    })
    // Whoever flushes sees the failure.
    this.#closing.catch(() => undefined)
  }
}
