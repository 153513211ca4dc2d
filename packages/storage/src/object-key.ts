import { LakeError } from '@lake/core'

/** True when the text names one object and cannot leave the store. */
export function isKey(text: string): boolean {
  return !FORBIDDEN.test(text) && !text.split('/').some(isForbiddenPart)
}

/**
 * Holds that a text is a key.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when it is empty, starts or ends with a slash, has an empty part, `.`, `..`,
 *   a backslash, a NUL, or half of a surrogate pair.
 */
export function checkKey(key: string): void {
  if (isKey(key)) return
  throw new LakeError(
    'BAD_REQUEST',
    `${JSON.stringify(key)} cannot be the key of an object: write parts between single slashes, ` +
      "none of them '.' or '..', without backslash and NUL.",
    { details: { key } },
  )
}

/** True when some key can start with this text. */
export function canStartKey(prefix: string): boolean {
  return !FORBIDDEN.test(prefix) && !prefix.split('/').slice(0, -1).some(isForbiddenPart)
}

// With the flag `u`, a surrogate matches only when its other half is missing: such a text has no UTF-8 bytes.
const FORBIDDEN = /[\\\0\p{Surrogate}]/u

function isForbiddenPart(part: string): boolean {
  return part === '' || part === '.' || part === '..'
}
