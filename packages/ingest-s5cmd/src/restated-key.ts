/**
 * Where a later version of a file lies: beside the first, named by the start of its sha256, before the extension.
 *
 * @example
 * restatedKey('a/BTCUSDT-1m-2024-01.zip', '0a1b2c3d4e5f…') // 'a/BTCUSDT-1m-2024-01.restated-0a1b2c3d4e5f.zip'
 */
export function restatedKey(key: string, sha256: string): string {
  return `${restatedPrefix(key)}${sha256.slice(0, 12)}${extensionOf(key)}`
}

/** What the keys of all later versions of a file start with. */
export function restatedPrefix(key: string): string {
  return `${key.slice(0, key.length - extensionOf(key).length)}.restated-`
}

/** `.zip`, `.csv.gz`, `.tar.gz`; empty when the name has none. A dot within a symbol is no extension. */
function extensionOf(key: string): string {
  return /(?:\.(?:csv|data|tar))?\.[a-z0-9]+$/i.exec(key)?.[0] ?? ''
}

/** The key of a file's first version, for the key of any version. */
export function originalKey(key: string): string {
  return key.replace(/\.restated-[0-9a-f]{12}(?=(?:\.[a-z0-9]+)*$)/i, '')
}
