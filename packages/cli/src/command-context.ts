import type { Terminal } from './terminal.ts'

/** What every command gets besides its own options. */
export interface CommandContext {
  readonly terminal: Terminal
  /** Aborted by Ctrl-C and by a request to terminate. */
  readonly signal: AbortSignal
  /** Relative paths start here: where the user stands, also when npm has changed the folder. */
  readonly workingDirectory: string
}

/** The options that every command has. */
export interface CommonOptions {
  readonly lake: string
  readonly json?: boolean | undefined
}
