/** `1234567` as `1,234,567`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US')
}

/** Bytes in the unit that leaves one to three digits before the point: `1.33 MB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 ? String(value) : value.toPrecision(3)} ${units[unit] ?? ''}`
}

/** `1 file`, `2 files`; with a plural of its own `2 stretches`. */
export function plural(count: number, noun: string, many = `${noun}s`): string {
  return `${formatCount(count)} ${count === 1 ? noun : many}`
}

/** A length of time in the largest unit that it has at least two of, as in `3 days`. */
export function formatDuration(micros: number): string {
  const units = [
    ['day', 86_400_000_000],
    ['hour', 3_600_000_000],
    ['minute', 60_000_000],
  ] as const
  const unit = units.find(([, length]) => micros >= 2 * length)
  return unit === undefined
    ? plural(Math.round(micros / 1_000_000), 'second')
    : plural(Math.floor(micros / unit[1]), unit[0])
}
