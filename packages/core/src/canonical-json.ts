/**
 * JSON with sorted keys and no spaces, so that equal values give equal bytes: for fingerprints and manifests.
 * `undefined` members are left out, as in `JSON.stringify`.
 *
 * @example
 * canonicalJson({ b: 1, a: [2] }) // '{"a":[2],"b":1}'
 */
export function canonicalJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, (_, member: unknown) => (isPlainObject(member) ? sorted(member) : member), indent)
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function sorted(value: Record<string, unknown>): Record<string, unknown> {
  // Code-unit order, not locale order: the same on every machine.
  const names = Object.keys(value).sort((a, b) => (a < b ? -1 : 1))
  return Object.fromEntries(names.map((name) => [name, value[name]]))
}
