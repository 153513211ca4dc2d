import {
  type Lake,
  type LakeDecimals,
  type LakePolicy,
  planRun,
  type RunReport,
  type RunRequest,
  runPipeline,
} from '@lake/pipeline'
import type { CommandContext, CommonOptions } from './command-context.ts'
import { EXIT, exitCodeOf } from './exit-code.ts'
import { openLake } from './open-lake.ts'
import { parseBandwidth, parseGold, parseRange, parseShare } from './parse-options.ts'
import { printPlan } from './print-plan.ts'
import { printRunReport } from './print-run-report.ts'
import { progressDisplay } from './progress-display.ts'
import { readDatasetIds } from './read-dataset-ids.ts'
import { reportError } from './report-error.ts'
import { type SourceOptions, sourceRequest } from './source-options.ts'
import { healingOf, venueAccess } from './venue-access.ts'
import type { HealingOptions, VenueOptions } from './venue-options.ts'

export interface RunCommandOptions extends CommonOptions, SourceOptions, VenueOptions, HealingOptions {
  readonly dataset: readonly string[]
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly gold?: string | undefined
  readonly policy?: LakePolicy | undefined
  readonly decimals?: LakeDecimals | undefined
  readonly quarantineLimit?: string | undefined
  readonly bandwidth?: string | undefined
  readonly dryRun?: boolean | undefined
}

/** `lake run`: bronze, silver and gold of datasets, only what is new. */
export async function runCommand(options: RunCommandOptions, context: CommandContext): Promise<number> {
  const { terminal, signal, workingDirectory } = context
  const lake = await openLake(
    options.lake,
    { workingDirectory },
    {
      venues: venueAccess(options),
      decimals: options.decimals,
      quarantineLimit: parseShare(options.quarantineLimit),
      policy: options.policy,
    },
  )
  const request: RunRequest = {
    ...(await sourceRequest(options, workingDirectory)),
    datasets: await readDatasetIds(options.dataset, terminal),
    range: parseRange(options),
    gold: parseGold(options.gold),
    ...healingOf(options),
    bytesPerSecond: parseBandwidth(options.bandwidth),
  }
  const json = options.json === true
  if (options.dryRun === true) {
    printPlan(await planRun(lake, request, { signal }), { terminal, json })
    return EXIT.complete
  }
  return runRequest(lake, request, { context, json })
}

/** Runs a request, shows where it is, prints what it did, and gives the exit code. */
export async function runRequest(
  lake: Lake,
  request: RunRequest,
  { context: { terminal, signal }, json }: { readonly context: CommandContext; readonly json: boolean },
): Promise<number> {
  const progress = progressDisplay(terminal)
  let report: RunReport
  try {
    report = await runPipeline(lake, request, { signal, onProgress: progress.show })
  } finally {
    progress.close()
  }
  return concludeRun(report, lake.store.url, { terminal, json })
}

/** Prints what a run did and what it could not do; gives the exit code. */
function concludeRun(
  report: RunReport,
  lakeUrl: string,
  { terminal, json }: { readonly terminal: CommandContext['terminal']; readonly json: boolean },
): number {
  const [first] = report.failures
  const isBlocked = report.datasets.some(({ blocked }) => blocked.length > 0)
  const isPublished = report.datasets.some(({ rows }) => rows > 0)
  if (first !== undefined && !isPublished && !isBlocked) {
    for (const { error } of json ? [first] : report.failures) reportError(error, { terminal, json })
    return exitCodeOf(first.error.code)
  }
  printRunReport(report, { terminal, json, lakeUrl })
  if (!json) for (const { error } of report.failures) reportError(error, { terminal, json })
  const isWhole = first === undefined && !isBlocked && report.datasets.every(({ quarantined }) => quarantined === 0)
  return isWhole ? EXIT.complete : EXIT.partial
}
