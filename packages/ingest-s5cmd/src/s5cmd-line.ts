import { LakeError } from '@lake/core'

/** One object to copy: `s3://bucket/key` or a path on this machine, on either side. */
export interface CopyPair {
  readonly from: string
  readonly to: string
}

/**
 * The line of a run file that copies one object, and nothing but that one: keys are quoted, so that spaces, quotes,
 * `#` and `$` mean themselves, and taken raw, so that `*`, `?` and `[` are no patterns.
 *
 * @throws {@link LakeError} `BAD_REQUEST` for a name with a control character, which no line can hold; see
 *   {@link fitsInLine}.
 *
 * @example
 * copyLine({ from: "s3://a/it's", to: 's3://b/x y' }) // "cp --raw 's3://a/it'\\''s' 's3://b/x y'"
 */
export function copyLine({ from, to }: CopyPair): string {
  return `cp --raw ${quoted(from)} ${quoted(to)}`
}

/** The same for all objects whose keys start with a text, into a folder: what neither of them says is a pattern of s5cmd. */
export function copyPatternLine({ prefix, folder }: { readonly prefix: string; readonly folder: string }): string {
  return `cp ${quoted(`${prefix}*`)} ${quoted(folder)}`
}

/** False for a key that s5cmd cannot be told in a line. */
export function fitsInLine(key: string): boolean {
  return !UNWRITABLE.test(key)
}

// Made once: a plan asks for each of a million files.
const UNWRITABLE = /[\p{Cc}\p{Surrogate}]/u

function quoted(text: string): string {
  // A leading dash would be read as an option; what stands here starts with s3:// or with a slash.
  if (fitsInLine(text) && !text.startsWith('-')) return `'${text.replaceAll("'", String.raw`'\''`)}'`
  throw new LakeError('BAD_REQUEST', `${JSON.stringify(text)} cannot be written into a line for s5cmd.`, {
    details: { value: text },
  })
}
