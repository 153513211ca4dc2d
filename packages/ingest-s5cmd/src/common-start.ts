/** The longest text that all keys start with. */
export function commonStart(keys: readonly string[]): string {
  let [start = ''] = keys
  for (const key of keys) {
    while (!key.startsWith(start)) start = start.slice(0, -1)
  }
  return start
}
