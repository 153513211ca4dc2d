import { createInterface } from 'node:readline/promises'
import type { Terminal } from './terminal.ts'

/**
 * The datasets of `--dataset`, where `-` stands for those that another program writes to standard input, one a line.
 * Empty lines are skipped.
 */
export async function readDatasetIds(given: readonly string[], { input }: Terminal): Promise<string[]> {
  const ids: string[] = []
  for (const id of given) {
    if (id !== '-') ids.push(id)
    else for await (const line of createInterface({ input: input() })) if (line.trim() !== '') ids.push(line.trim())
  }
  return ids
}
