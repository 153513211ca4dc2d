/** The middle of some times. */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** A Markdown table of times in milliseconds: the least, the median, and the median over that of `base`. */
export function formatRows(rows, baseName) {
  const lines = rows.map(({ name, times, base }) => {
    const middle = median(times)
    return `| ${name} | ${Math.min(...times).toFixed(1)} | ${middle.toFixed(1)} | ${(middle / base).toFixed(2)} |`
  })
  return [`| program | least ms | median ms | of ${baseName} |`, '|---|--:|--:|--:|', ...lines].join('\n')
}
