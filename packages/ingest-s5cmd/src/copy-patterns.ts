import { LakeError, type ObjectStore } from '@lake/core'
import { commonStart } from './common-start.ts'
import { coveringPrefixes } from './covering-prefixes.ts'
import { type CopyPair, fitsInLine } from './s5cmd-line.ts'
import { type S3End, s3Url } from './transfer-end.ts'

/** One command that copies all objects below a prefix into a folder: what a pair does for each of them. */
export interface CopyPattern {
  /** `s3://bucket/prefix`. */
  readonly prefix: string
  /** `s3://bucket/folder/`. */
  readonly folder: string
  /** All that it copies. */
  readonly pairs: readonly CopyPair[]
}

/** An object that is to be copied. */
export interface WantedCopy {
  readonly pair: CopyPair
  readonly fromKey: string
  readonly toKey: string
}

export interface FindPatternsOptions {
  readonly source: ObjectStore
  readonly ends: { readonly source: S3End; readonly target: S3End }
  readonly copies: readonly WantedCopy[]
  /** How many objects the source had below a folder when the plan was made, where that is known and may be believed. */
  readonly listed: (folder: string) => number | undefined
  /** Listings of folders of the source that were asked for ahead. */
  readonly ahead?: ListedAhead | undefined
  readonly signal: AbortSignal | undefined
}

/** What the source lists in its folders, or is about to. */
export type ListedAhead = ReadonlyMap<string, Promise<readonly string[]>>

/**
 * s5cmd takes a quarter of a millisecond to read a line, as long as it takes to copy a small object. A pattern saves that, and costs
 * two listings: ours, which proves that it covers what is wanted and nothing else, and that of s5cmd.
 */
const FEWEST_OBJECTS = 250

/**
 * Patterns that together copy most of what is wanted, where much of it is all that the source has below some prefix, and goes into
 * one folder under the same names. What no pattern copies needs a line of its own.
 */
export async function findPatterns(options: FindPatternsOptions): Promise<CopyPattern[]> {
  const { source, ends, copies, listed: counted, ahead, signal } = options
  if (!canHavePatterns(ends)) return []
  const patterns: CopyPattern[] = []
  for (const [folders, wanted] of byFolders(copies)) {
    if (wanted.size < FEWEST_OBJECTS) continue
    if (counted(folders.from) === wanted.size) {
      const prefix = commonStart([...wanted.keys()])
      if (isLiteral(prefix) && isLiteral(folders.to))
        patterns.push(patternOf(ends, prefix, folders, [...wanted.values()]))
      continue
    }
    const listed = await (ahead?.get(folders.from) ?? listAbout(source, [...wanted.keys()], signal))
    for (const { prefix, keys } of coveringPrefixes(listed, (key) => wanted.has(key), FEWEST_OBJECTS)) {
      if (!isLiteral(prefix) || !isLiteral(folders.to)) continue
      const pairs = keys.flatMap((key) => wanted.get(key) ?? [])
      patterns.push(patternOf(ends, prefix, folders, pairs))
    }
  }
  return patterns
}

function patternOf(
  { source, target }: FindPatternsOptions['ends'],
  prefix: string,
  folders: Folders,
  pairs: readonly CopyPair[],
): CopyPattern {
  return { prefix: s3Url(source, prefix), folder: s3Url(target, folders.to), pairs }
}

/** Lists what patterns are found in, before it is known which of these keys are wanted: s5cmd need not wait for it. */
export function listAhead({
  source,
  ends,
  keys,
  listed: counted,
  signal,
}: Pick<FindPatternsOptions, 'source' | 'ends' | 'listed' | 'signal'> & {
  readonly keys: readonly string[]
}): ListedAhead {
  const folders = new Map<string, string[]>()
  if (!canHavePatterns(ends)) return new Map()
  for (const key of keys) {
    const folder = folderOf(key)
    const list = folders.get(folder)
    if (list === undefined) folders.set(folder, [key])
    else list.push(key)
  }
  const worthwhile = [...folders].filter(([folder, list]) => {
    return list.length >= FEWEST_OBJECTS && counted(folder) !== list.length
  })
  return new Map(
    worthwhile.map(([folder, list]) => {
      const listed = listAbout(source, list, signal)
      // It may turn out that nobody needs it.
      listed.catch(() => undefined)
      return [folder, listed]
    }),
  )
}

/** Who may not list the source, or only with other credentials, has none. */
function canHavePatterns({ source, target }: FindPatternsOptions['ends']): boolean {
  return source.signedBy === target.signedBy
}

type Folders = { readonly from: string; readonly to: string }

/** What goes from one folder into one folder under the same names. */
function byFolders(copies: readonly WantedCopy[]): Map<Folders, Map<string, CopyPair>> {
  const names = new Map<string, Folders>()
  const groups = new Map<Folders, Map<string, CopyPair>>()
  for (const { fromKey, toKey, pair } of copies) {
    const folders = { from: folderOf(fromKey), to: folderOf(toKey) }
    if (toKey.slice(folders.to.length) !== fromKey.slice(folders.from.length)) continue
    const name = `${folders.from}\n${folders.to}`
    const known = names.get(name) ?? folders
    names.set(name, known)
    const group = groups.get(known) ?? new Map<string, CopyPair>()
    groups.set(known, group.set(fromKey, pair))
  }
  return groups
}

function folderOf(key: string): string {
  return key.slice(0, key.lastIndexOf('/') + 1)
}

/** What is listed about these keys; nothing where that is far more than they are, or cannot be had. */
async function listAbout(
  source: ObjectStore,
  keys: readonly string[],
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const listed: string[] = []
  try {
    for await (const { key } of source.list({ prefix: commonStart(keys), signal })) {
      if (listed.push(key) > 2 * keys.length) return []
    }
  } catch (error) {
    signal?.throwIfAborted()
    // Their lines can be written without it.
    if (LakeError.is(error)) return []
    throw error
  }
  return listed
}

/** s5cmd reads it as it is. */
function isLiteral(text: string): boolean {
  return fitsInLine(text) && !/[*?]/.test(text)
}
