import { LakeError } from '@lake/core'
import type { S3Credentials } from '@lake/storage'
import type { S5cmd } from './detect-s5cmd.ts'
import type { CopyPattern } from './copy-patterns.ts'
import type { ProgramEnd, Runner } from './runner.ts'
import { s5cmdEnvironment, withoutSecrets } from './s5cmd-environment.ts'
import { s5cmdFailure, unreportedFailure } from './s5cmd-failure.ts'
import { copyLine, type CopyPair, copyPatternLine } from './s5cmd-line.ts'
import { parseS5cmdLine } from './s5cmd-output.ts'

export interface S5cmdRun {
  readonly s5cmd: S5cmd
  readonly runner: Runner
  /** What is not settled yet: s5cmd starts meanwhile. */
  readonly pairs: readonly CopyPair[] | Promise<readonly CopyPair[]>
  /** Lines that copy many of the pairs at once; each other pair has a line of its own. */
  readonly patterns?: Promise<readonly CopyPattern[]> | undefined
  /** The address of the server; that of AWS when absent. */
  readonly endpoint?: string | undefined
  readonly sourceRegion?: string | undefined
  readonly targetRegion?: string | undefined
  /** Reads a public bucket without credentials. Then nothing can be copied within the server. */
  readonly anonymous?: boolean | undefined
  /** Agrees to be charged for what is asked of a bucket whose readers pay. */
  readonly requesterPays?: boolean | undefined
  readonly credentials?: S3Credentials | undefined
  /** Default `process.env`; what is handed on of it says {@link s5cmdEnvironment}. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined
  /** Objects at once; s5cmd's own default is 256. */
  readonly workers?: number | undefined
  /** How often s5cmd itself tries a request again. */
  readonly retries: number
  /** Ends it when it has said nothing for so long: s5cmd itself waits for a silent server without limit. */
  readonly stallMillis: number
  readonly onCopied?: ((pair: CopyPair) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Copies objects with one run of s5cmd, and says for each pair what became of it: `undefined` when s5cmd reported it
 * as copied, the failure otherwise. The exit code is not believed: a pair that nothing was said about has failed.
 * Both ends of all pairs are different objects.
 *
 * @throws {@link LakeError} `UNSUPPORTED` when s5cmd cannot be started. Aborts throw `signal.reason`, when s5cmd has
 *   ended.
 */
export async function runS5cmd(run: S5cmdRun): Promise<(LakeError | undefined)[]> {
  const { s5cmd, runner, stallMillis, onCopied, signal } = run
  const environment = s5cmdEnvironment(run.environment ?? process.env, run.credentials)
  const outcomes = new Outcomes()
  const watch = stallWatch(stallMillis, signal)
  const begin = (list: readonly CopyPair[]): readonly CopyPair[] => {
    outcomes.expect(list)
    watch.touch()
    return list
  }
  const pairs = 'then' in run.pairs ? run.pairs.then(begin) : Promise.resolve(begin(run.pairs))
  // Whoever pulls the lines meets its failure; where nobody does, something else has failed before.
  pairs.catch(() => undefined)
  let complaint = ''
  const onLine = (line: string): void => {
    watch.touch()
    const message = parseS5cmdLine(line)
    if (message.kind === 'copied') {
      const pair = outcomes.copied(message.to)
      if (pair !== undefined) onCopied?.(pair)
    } else if (message.kind === 'failed') {
      const text = withoutSecrets(message.error, environment)
      if (!outcomes.failed(message.command, text)) complaint ||= text
    } else if (line !== '' && !line.startsWith('{')) {
      complaint ||= withoutSecrets(line, environment)
    }
  }
  let end: ProgramEnd | undefined
  try {
    const args = [...optionsOf(run), 'run']
    const input = linesOf(run, pairs)
    const output = { onOutput: onLine, onErrorOutput: onLine }
    end = await runner.run({ program: s5cmd.path, args, environment, input, ...output, signal: watch.signal })
  } catch (error) {
    signal?.throwIfAborted()
    if (!watch.stalled) throw error
  } finally {
    watch.stop()
  }
  await pairs
  return outcomes.all(reasonOfSilence(end, stallMillis, complaint))
}

function optionsOf({ endpoint, anonymous, requesterPays, workers, retries }: S5cmdRun): string[] {
  return [
    '--json',
    ...['--retry-count', String(retries)],
    ...(endpoint === undefined ? [] : ['--endpoint-url', endpoint]),
    ...(anonymous === true ? ['--no-sign-request'] : []),
    ...(requesterPays === true ? ['--request-payer', 'requester'] : []),
    ...(workers === undefined ? [] : ['--numworkers', String(workers)]),
  ]
}

async function* linesOf(
  { sourceRegion, targetRegion, patterns = Promise.resolve([]) }: S5cmdRun,
  pairs: Promise<readonly CopyPair[]>,
): AsyncGenerator<string, void, undefined> {
  const regions = [
    ...(sourceRegion === undefined ? [] : ['--source-region', sourceRegion]),
    ...(targetRegion === undefined ? [] : ['--destination-region', targetRegion]),
  ]
  const options = regions.map((word) => `${word} `).join('')
  const withOptions = (line: string): string => line.replace(/^cp /, `cp ${options}`)
  const list = await pairs
  const found = await patterns
  for (const pattern of found) yield withOptions(copyPatternLine(pattern))
  for (const pair of uncovered(list, found)) yield withOptions(copyLine(pair))
}

function uncovered(pairs: readonly CopyPair[], patterns: readonly CopyPattern[]): readonly CopyPair[] {
  if (patterns.length === 0) return pairs
  const covered = new Set(patterns.flatMap((pattern) => pattern.pairs))
  return pairs.filter((pair) => !covered.has(pair))
}

function reasonOfSilence(end: ProgramEnd | undefined, stallMillis: number, complaint: string): string {
  const why =
    end === undefined
      ? `it was stopped after ${stallMillis / 1000} s without a sign of life`
      : `it ended with ${end.exitCode === null ? String(end.killedBy) : `exit code ${end.exitCode}`}`
  return complaint === '' ? why : `${why} and said: ${complaint}`
}

/** What is known of each pair so far. */
class Outcomes {
  private pairs: readonly CopyPair[] = []
  private readonly byTarget = new Map<string, number>()
  private byCommand: ReadonlyMap<string, number> | undefined
  private results: (LakeError | 'copied' | undefined)[] = []

  expect(pairs: readonly CopyPair[]): void {
    this.pairs = pairs
    this.results = pairs.map(() => undefined)
    for (const [index, { to }] of pairs.entries()) this.byTarget.set(to, index)
  }

  copied(to: string): CopyPair | undefined {
    const index = this.byTarget.get(to)
    if (index === undefined) return undefined
    this.results[index] = 'copied'
    return this.pairs[index]
  }

  failed(command: string, text: string): boolean {
    this.byCommand ??= new Map(this.pairs.map(({ from, to }, index) => [`cp ${from} ${to}`, index]))
    const index = this.byCommand.get(command)
    const pair = index === undefined ? undefined : this.pairs[index]
    if (index === undefined || pair === undefined) return false
    this.results[index] = s5cmdFailure(pair.from, text)
    return true
  }

  all(silence: string): (LakeError | undefined)[] {
    return this.pairs.map(({ from }, index) => {
      const result = this.results[index]
      return result === 'copied' ? undefined : (result ?? unreportedFailure(from, silence))
    })
  }
}

interface StallWatch {
  readonly signal: AbortSignal
  readonly stalled: boolean
  /** It has just shown that it lives; from the first time on it is expected to go on. */
  touch(): void
  stop(): void
}

function stallWatch(millis: number, signal: AbortSignal | undefined): StallWatch {
  const stall = new AbortController()
  let timer: NodeJS.Timeout | undefined
  return {
    signal: signal === undefined ? stall.signal : AbortSignal.any([signal, stall.signal]),
    get stalled() {
      return stall.signal.aborted
    },
    touch: () => {
      timer =
        timer?.refresh() ??
        setTimeout(() => {
          stall.abort()
        }, millis)
    },
    stop: () => {
      clearTimeout(timer)
    },
  }
}
