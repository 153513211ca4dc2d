import { setTimeout as delay } from 'node:timers/promises'
import type { ObjectStore } from '@lake/core'
import type { Clock } from '../clock.ts'
import { uploadRecording } from './upload-recording.ts'

const [FIRST_WAIT, LONGEST_WAIT] = [500_000, 60_000_000]

/** What became of the files of a session. */
export interface UploadReport {
  /** Objects in bronze, and their bytes. */
  readonly objects: number
  readonly bytes: number
  /** Uploads that failed and were tried again. */
  readonly retries: number
  /** Files that are still in the spool. */
  readonly left: number
}

export interface UploadQueue {
  /** Takes a closed file, which is removed once it is in bronze. */
  readonly add: (path: string) => void
  /** Waits until all files are in bronze, for so many microseconds at most. */
  finish(micros: number): Promise<UploadReport>
}

/** Puts files into bronze one after another, each until it succeeds: the spool keeps them meanwhile. */
export function uploadQueue(options: {
  readonly store: ObjectStore
  readonly clock: Clock
  readonly random: () => number
}): UploadQueue {
  const { store, clock, random } = options
  const stop = new AbortController()
  const waiting: string[] = []
  let [objects, bytes, retries] = [0, 0, 0]
  let working: Promise<void> | undefined

  const work = async (): Promise<void> => {
    let tries = 0
    for (let path = waiting[0]; path !== undefined && !stop.signal.aborted; path = waiting[0]) {
      try {
        const done = await uploadRecording(path, store)
        waiting.shift()
        tries = 0
        bytes += done.bytes
        if (done.key !== undefined) objects++
      } catch {
        retries++
        const wait = random() * Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** tries++)
        await clock.sleep(wait, stop.signal).catch(() => undefined)
      }
    }
    working = undefined
  }

  return {
    add(path) {
      waiting.push(path)
      working ??= work()
    },
    async finish(micros) {
      if (working !== undefined) {
        const limit = new AbortController()
        const late = delay(micros / 1000, undefined, { signal: limit.signal }).catch(() => undefined)
        await Promise.race([working, late])
        limit.abort()
        stop.abort()
      }
      return { objects, bytes, retries, left: waiting.length }
    },
  }
}
