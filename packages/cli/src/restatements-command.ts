import { formatInstant } from '@lake/core'
import { type ListedRestatement, listRestatements } from '@lake/pipeline'
import type { CommandContext, CommonOptions } from './command-context.ts'
import { EXIT } from './exit-code.ts'
import { plural } from './format-number.ts'
import { jsonRestated } from './json-restated.ts'
import { noteEmptyLake } from './note-unheld.ts'
import { openLake } from './open-lake.ts'
import { parseRange } from './parse-options.ts'
import { readDatasetIds } from './read-dataset-ids.ts'
import { causeText, changeText, firstChangeText, partitionText } from './restatement-text.ts'
import { textTable } from './text-table.ts'

export interface RestatementsCommandOptions extends CommonOptions {
  readonly dataset?: readonly string[] | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
}

/** `lake restatements`: what was restated, and what followed from it. */
export async function restatementsCommand(
  options: RestatementsCommandOptions,
  { terminal, signal, workingDirectory }: CommandContext,
): Promise<number> {
  const lake = await openLake(options.lake, { workingDirectory })
  const request = {
    datasets: options.dataset === undefined ? undefined : await readDatasetIds(options.dataset, terminal),
    range: parseRange(options),
  }
  await noteEmptyLake(lake, terminal)
  const restatements = await listRestatements(lake, request, { signal })
  if (options.json === true) {
    terminal.out(`${JSON.stringify({ restatements: restatements.map(jsonRestatement) })}\n`)
    return EXIT.complete
  }
  if (restatements.length > 0) {
    terminal.out(
      textTable(restatements, [
        { title: 'at', text: ({ supersededAt }) => formatInstant(supersededAt) },
        { title: 'partition', text: ({ key }) => partitionText(key) },
        { title: 'rows', text: ({ report }) => (report === undefined ? 'not compared' : changeText(report)) },
        { title: 'first', text: ({ report }) => (report === undefined ? '' : firstChangeText(report)) },
        { title: 'because of', text: ({ report }) => (report === undefined ? '' : causeText(report)) },
      ]),
    )
  }
  terminal.out(`${plural(restatements.length, 'partition')} restated.\n`)
  return EXIT.complete
}

function jsonRestatement({ supersededAt, committedAt, ...rest }: ListedRestatement): Record<string, unknown> {
  return {
    ...rest,
    supersededAt: formatInstant(supersededAt),
    committedAt: committedAt === undefined ? null : formatInstant(committedAt),
    report: rest.report === undefined ? null : jsonRestated(rest.report),
  }
}
