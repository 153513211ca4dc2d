import type { FormatChange } from '@lake/parse'
import type { FileChange } from './format-sentinel.ts'

/** A known change of form in the files of a dataset. */
export interface ToldChange extends FormatChange {
  /** The first file that it came with, as a key of bronze. */
  readonly file: string
  /** How many files it came with: some forms go back and forth. */
  readonly files: number
}

/**
 * Changes as a report tells them: each once. Venues that write no zeros at the end have other places in every file, so
 * those of a column are one change, from the fewest to the most. Of files with far fewer rows the first is told.
 */
export function toldChanges(changes: readonly FileChange[]): ToldChange[] {
  const told = new Map<string, ToldChange>()
  for (const change of changes) {
    const { what, column = '', from, to } = change
    const isPlaces = what === 'places'
    const isOneOfMany = isPlaces || what === 'rows'
    const name = JSON.stringify(isOneOfMany ? [what, column] : [what, column, from, to])
    const known = told.get(name) ?? { ...change, files: 0 }
    const range = isPlaces ? placesOf([known.from, known.to, from, to].map(Number)) : {}
    told.set(name, { ...known, ...range, files: known.files + 1 })
  }
  return [...told.values()]
}

function placesOf(places: readonly number[]): Pick<ToldChange, 'from' | 'to'> {
  return { from: String(Math.min(...places)), to: String(Math.max(...places)) }
}
