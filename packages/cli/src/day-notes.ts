import { formatCount } from './format-number.ts'

/** How many days of a kind are named; the rest is counted. */
const NAMED = 3

const DAY = /^(\w+) day (\d{4}-\d\d-\d\d)$/

/** True for a finding about a whole day. */
export function isOfDay(warning: string): boolean {
  return DAY.test(warning)
}

/**
 * A line for each kind of day that is wrong as a whole: `missing day 2020-01-02`, or `missing days 2020-01-02, 2020-01-04`,
 * of many the first three and how many more.
 *
 * @param warnings names of what checks found; others than days are left out
 */
export function dayNotes(warnings: readonly string[]): string[] {
  const days = new Map<string, string[]>()
  for (const warning of warnings) {
    const [, defect, day] = DAY.exec(warning) ?? []
    if (defect === undefined || day === undefined) continue
    const others = days.get(defect)
    if (others === undefined) days.set(defect, [day])
    else others.push(day)
  }
  return [...days].map(([defect, all]) => {
    const more = all.length > NAMED ? ` and ${formatCount(all.length - NAMED)} more` : ''
    return `${defect} ${all.length === 1 ? 'day' : 'days'} ${all.slice(0, NAMED).join(', ')}${more}`
  })
}
