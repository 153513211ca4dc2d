import { formatInstant } from '@lake/core'
import type { Certificate, PartComparison } from '@lake/pipeline'
import { formatCount, plural } from './format-number.ts'

/** How many differing rows of a pair are printed; the certificate lists more. */
const SHOWN = 3

/** `daily = rest (1,440 rows), monthly ≠ daily (4,318 of 4,320 rows)`: the pairs of sources, else what there is. */
export function certificateText({ comparisons, parts }: Certificate): string {
  const pairs = comparisons.filter(({ agrees, right }) => !agrees || right !== 'partition')
  if (pairs.length > 0) return pairs.map(pairText).join(', ')
  const names = parts
    .filter(({ name }) => name !== 'partition')
    .map(({ name, rows }) => `${name} ${plural(rows, 'row')}`)
  return `only ${names.join(', ')}`
}

function pairText({ left, right, agrees, same, onlyLeft, onlyRight, differing }: PartComparison): string {
  if (agrees) return `${left} = ${right} (${plural(same, 'row')})`
  return `${left} ≠ ${right} (${formatCount(same)} of ${plural(same + onlyLeft + onlyRight + differing, 'row')} the same)`
}

/** A line on what differs for each pair that does not agree, with its first rows. */
export function certificateLines({ comparisons }: Certificate): string[] {
  return comparisons
    .filter(({ agrees }) => !agrees)
    .map(({ left, right, onlyLeft, onlyRight, differing, differingColumns, first }) => {
      const columns = Object.entries(differingColumns).map(([name, count]) => `${name} ${formatCount(count)}`)
      const counts = [
        ...(differing > 0 ? [`${plural(differing, 'row')} with other values (${columns.join(', ')})`] : []),
        ...(onlyLeft > 0 ? [`${plural(onlyLeft, 'row')} only in ${left}`] : []),
        ...(onlyRight > 0 ? [`${plural(onlyRight, 'row')} only in ${right}`] : []),
      ]
      return `${left} and ${right}: ${counts.join(', ')}; first ${first.slice(0, SHOWN).map(rowText).join('; ')}`
    })
}

function rowText({ change, time, columns = {} }: PartComparison['first'][number]): string {
  const values = Object.entries(columns).map(
    ([name, { before, after }]) => `${name} ${String(before)} / ${String(after)}`,
  )
  return [
    formatInstant(time),
    ...(values.length === 0 ? [change === 'added' ? 'only right' : 'only left'] : values),
  ].join(' ')
}
