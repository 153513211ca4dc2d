import { EXIT } from './exit-code.ts'

/** Ctrl-C and requests to terminate as an abort signal. */
export interface Interrupts {
  readonly signal: AbortSignal
  readonly exitCode: () => number
  readonly stop: () => void
}

/**
 * Turns the first SIGINT or SIGTERM into an abort, so that a command ends between two steps; the second ends the
 * process at once, which is as safe.
 */
export function watchInterrupts(): Interrupts {
  const controller = new AbortController()
  let exitCode: number = EXIT.interrupted
  const onSignal = (name: NodeJS.Signals): void => {
    exitCode = name === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted
    if (controller.signal.aborted) process.exit(exitCode)
    controller.abort()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return {
    signal: controller.signal,
    exitCode: () => exitCode,
    stop: () => {
      process.off('SIGINT', onSignal)
      process.off('SIGTERM', onSignal)
    },
  }
}
