import type { FormatChange } from '@lake/parse'
import type { FileChange } from './format-sentinel.ts'

/** A known change of form in the files of a dataset. */
export interface ToldChange extends FormatChange {
  /** The first file that it came with, as a key of bronze. */
  readonly file: string
  /** How many files it came with: some forms go back and forth. */
  readonly files: number
}

/** Changes as a report tells them: each once. */
export function toldChanges(changes: readonly FileChange[]): ToldChange[] {
  const told = new Map<string, ToldChange>()
  for (const change of changes) {
    const { what, column = '', from, to } = change
    const name = JSON.stringify([what, column, from, to])
    const known = told.get(name) ?? { ...change, files: 0 }
    told.set(name, { ...known, files: known.files + 1 })
  }
  return [...told.values()]
}
