/** Where a command reads and writes: the process, or a test. */
export interface Terminal {
  /** Results. */
  readonly out: (text: string | Uint8Array) => void
  /** What another program writes to this one. */
  readonly input: () => NodeJS.ReadableStream
  /** Progress and errors. */
  readonly err: (text: string) => void
  /** True when a person watches standard error: progress is then drawn in place. */
  readonly isInteractive: boolean
  /** True when results go to a screen rather than to a file or another program. */
  readonly outIsScreen: boolean
  readonly columns: number
  /** True when colours may be used: a screen, and no `NO_COLOR`. */
  readonly hasColors: boolean
}

/** The terminal of this process. */
export function processTerminal(): Terminal {
  const { stdout, stderr, env } = process
  return {
    out: (text) => void stdout.write(text),
    input: () => process.stdin,
    err: (text) => void stderr.write(text),
    isInteractive: stderr.isTTY && env['CI'] === undefined,
    outIsScreen: stdout.isTTY,
    columns: stdout.isTTY ? stdout.columns : 100,
    hasColors: stdout.isTTY && env['NO_COLOR'] === undefined,
  }
}
