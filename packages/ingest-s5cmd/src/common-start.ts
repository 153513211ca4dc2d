/** The longest text that all keys start with. */
export function commonStart(keys: readonly string[]): string {
  const [first = ''] = keys
  let length = first.length
  for (const key of keys) {
    while (!key.startsWith(first.slice(0, length))) length--
  }
  return first.slice(0, length)
}
