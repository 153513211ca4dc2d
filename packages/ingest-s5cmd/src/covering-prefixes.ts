import { commonStart } from './common-start.ts'

/** A prefix, and all listed keys that start with it. */
interface Covered {
  readonly prefix: string
  readonly keys: readonly string[]
}

/**
 * The shortest prefixes below which everything that is listed is wanted, of `atLeast` keys each; `listed` is in its order.
 *
 * @example
 * coveringPrefixes(['1m-01', '1m-02', '1m-11', '5m-01'], (key) => key.startsWith('1m-0'), 2)
 * // [{ prefix: '1m-0', keys: ['1m-01', '1m-02'] }]
 */
export function coveringPrefixes(
  listed: readonly string[],
  isWanted: (key: string) => boolean,
  atLeast: number,
): Covered[] {
  if (listed.length < atLeast) return []
  if (listed.every(isWanted)) return [{ prefix: commonStart(listed), keys: listed }]
  const { length } = commonStart(listed)
  const groups = new Map<string, string[]>()
  for (const key of listed) {
    const next = key.slice(length, length + 1)
    const group = groups.get(next)
    if (group === undefined) groups.set(next, [key])
    else group.push(key)
  }
  // The key that is the common start itself has no group below it.
  groups.delete('')
  return [...groups.values()].flatMap((group) => coveringPrefixes(group, isWanted, atLeast))
}
