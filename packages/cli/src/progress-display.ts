import type { RunProgress } from '@lake/pipeline'
import { SingleBar } from 'cli-progress'
import type { Terminal } from './terminal.ts'

/** Shows where a run is, until it is closed. */
export interface ProgressDisplay {
  readonly show: (progress: RunProgress) => void
  readonly close: () => void
}

/** A line in a log at most every so many milliseconds, besides the last one of each stage. */
const LOG_PAUSE = 2000

const WHAT: Readonly<Record<Exclude<RunProgress['stage'], 'plan'>, string>> = {
  bronze: 'files verified in bronze',
  silver: 'months in silver',
  heal: 'gaps asked for',
  gold: 'partitions in gold',
}

/** A bar that is redrawn on a terminal, plain lines in a log. Both go to standard error. */
export function progressDisplay(terminal: Terminal, options: ProgressOptions = {}): ProgressDisplay {
  const { now = Date.now, stream = process.stderr } = options
  return terminal.isInteractive ? barDisplay(stream) : logDisplay(terminal, now)
}

export interface ProgressOptions {
  readonly now?: (() => number) | undefined
  /** The screen that a bar is drawn on. */
  readonly stream?: NodeJS.WritableStream | undefined
}

function barDisplay(stream: NodeJS.WritableStream): ProgressDisplay {
  const bar = new SingleBar({
    format: '{bar} {value}/{total} {stage} {id} {label}',
    barsize: 24,
    hideCursor: true,
    clearOnComplete: true,
    stopOnComplete: false,
    stream,
  })
  let current = ''
  return {
    show: ({ id, stage, label, done, total }) => {
      const payload = { id, label, stage: stage.padEnd(6) }
      if (current !== `${id} ${stage}`) bar.start(total, done, payload)
      else bar.update(done, payload)
      current = `${id} ${stage}`
    },
    close: () => {
      bar.stop()
    },
  }
}

function logDisplay(terminal: Terminal, now: () => number): ProgressDisplay {
  let last = Number.NEGATIVE_INFINITY
  return {
    show: ({ id, stage, label, done, total }) => {
      const time = now()
      if (done < total && time - last < LOG_PAUSE) return
      last = time
      terminal.err(stage === 'plan' ? `${id}: ${label}\n` : `${id}: ${done}/${total} ${WHAT[stage]} (${label})\n`)
    },
    close: () => undefined,
  }
}
