import { LakeError } from '@lake/core'
import { retryPause } from './retrying.ts'
import { runS5cmd, type S5cmdRun } from './run-s5cmd.ts'
import type { CopyPair } from './s5cmd-line.ts'
import type { TransferContext } from './transfer-context.ts'

export interface CopyPairsOptions extends Pick<
  S5cmdRun,
  | 'pairs'
  | 'patterns'
  | 'endpoint'
  | 'sourceRegion'
  | 'targetRegion'
  | 'anonymous'
  | 'requesterPays'
  | 'credentials'
  | 'onCopied'
> {
  readonly context: TransferContext
  /** How many requests one pair costs when nothing goes wrong. */
  readonly requestsEach: number
}

/** A listing comes in pages of a thousand. */
const PAGE = 1000

/** How often s5cmd itself tries a request again; the waiting grows to some seconds. */
const OWN_RETRIES = 5

/**
 * Copies pairs by s5cmd, and once more those whose failure may be gone by then; gives the failures that remain, by
 * the place of their pair.
 *
 * @throws {@link LakeError} `UNSUPPORTED` when s5cmd cannot be started. Aborts throw `signal.reason`.
 */
export async function copyPairs(options: CopyPairsOptions): Promise<Map<CopyPair, LakeError>> {
  const { context, requestsEach, patterns, ...run } = options
  const { s5cmd, runner, environment, concurrency, stallMillis, attempts, pauseMillis, tally, signal } = context
  if (s5cmd === undefined) throw new LakeError('UNSUPPORTED', 'There is no s5cmd on this machine.')
  const failures = new Map<CopyPair, LakeError>()
  let given = options.pairs
  for (let attempt = 1; ; attempt++) {
    if ('length' in given && given.length === 0) return failures
    const settings = { s5cmd, runner, environment, workers: concurrency, stallMillis, signal, retries: OWN_RETRIES }
    // What a pattern did not copy is tried by its name.
    const lines = { pairs: given, patterns: attempt === 1 ? patterns : undefined }
    const outcomes = await runS5cmd({ ...run, ...settings, ...lines })
    const pairs = await given
    tally.requests += requestsEach * pairs.length
    for (const { pairs: listed } of (await lines.patterns) ?? []) tally.requests += Math.ceil(listed.length / PAGE)
    noteOutcomes(pairs, outcomes, failures)
    const again = attempt < attempts ? [...failures].flatMap(([pair, { retryable }]) => (retryable ? [pair] : [])) : []
    given = again
    tally.retries += again.length
    if (again.length > 0) await retryPause(pauseMillis * 2 ** (attempt - 1), signal)
  }
}

function noteOutcomes(
  pairs: readonly CopyPair[],
  outcomes: readonly (LakeError | undefined)[],
  failures: Map<CopyPair, LakeError>,
): void {
  pairs.forEach((pair, index) => {
    const error = outcomes[index]
    if (error === undefined) failures.delete(pair)
    else failures.set(pair, error)
  })
}
