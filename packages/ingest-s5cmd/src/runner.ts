/** One run of an external program. */
export interface ProgramRun {
  readonly program: string
  /** Handed over as they are: no shell is between. */
  readonly args: readonly string[]
  /** All that the program sees of the environment. */
  readonly environment: Readonly<Record<string, string>>
  /** Lines for its standard input, without line ends; pulled as fast as the program reads. A failure of it ends the run. */
  readonly input?: Iterable<string> | AsyncIterable<string> | undefined
  readonly onOutput: (line: string) => void
  readonly onErrorOutput: (line: string) => void
  /** Ends the program and all that it has started; the run then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/** How a program ended. */
export interface ProgramEnd {
  /** `null` when a signal ended it. */
  readonly exitCode: number | null
  readonly killedBy: string | null
}

/** Runs external programs: the one place where this package starts a process. Tests pass a literal. */
export interface Runner {
  /**
   * Resolves when the program has ended and its output was read to the end, whatever its exit code.
   *
   * @throws {@link LakeError} `UNSUPPORTED` when it cannot be started. Aborts throw `signal.reason`.
   */
  run(run: ProgramRun): Promise<ProgramEnd>
}
