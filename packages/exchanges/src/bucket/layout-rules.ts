import {
  type ArchiveRules,
  DATA_TYPES,
  type DatasetId,
  type DataType,
  type Interval,
  INTERVALS,
  LakeError,
  type Market,
  MARKETS,
} from '@lake/core'
import { compileLayout, type LayoutForm } from './compile-layout.ts'

/** One form of key in an archive. */
export interface BucketLayout extends LayoutForm {
  /**
   * The key with placeholders, as in `data/{market}/{dataType}/{symbol}/{symbol}-{day}.zip`:
   *
   * | placeholder | stands for |
   * |---|---|
   * | `{market}` `{dataType}` `{interval}` | the archive's word for it, see `words` |
   * | `{symbol}` | the venue's own name, without a slash |
   * | `{day}` `{yyyymmdd}` | `2024-01-31`, `20240131` |
   * | `{month}` `{yyyymm}` | `2024-01`, `202401` |
   * | `{yyyy}` `{mm}` `{dd}` `{lastDay}` | parts of it; the last day of the month |
   *
   * A path with a day is that of daily files, any other that of monthly ones.
   */
  readonly path: string
  /** What all files of this form are, where the path does not say. */
  readonly market?: Market | undefined
  readonly dataType?: DataType | undefined
  readonly interval?: Interval | undefined
  /** Further says which datasets have this form, such as by the symbol. Pure. */
  readonly accepts?: ((dataset: DatasetId) => boolean) | undefined
}

/** The archive's own words where they are not ours. An empty text: the archive has none of that. */
export interface BucketWords {
  readonly markets?: Readonly<Partial<Record<Market, string>>> | undefined
  readonly dataTypes?: Readonly<Partial<Record<DataType, string>>> | undefined
  readonly intervals?: Readonly<Partial<Record<Interval, string>>> | undefined
}

/** The functions of an archive that its layouts describe. The first layout that knows a dataset's period counts. */
export function layoutRules(
  exchange: string,
  layouts: readonly BucketLayout[],
  words: BucketWords = {},
): Pick<ArchiveRules, 'prefixes' | 'key' | 'parseKey' | 'readFolder'> {
  const spelled = {
    market: wordMap(MARKETS, words.markets),
    dataType: wordMap(DATA_TYPES, words.dataTypes),
    interval: wordMap(INTERVALS, words.intervals),
  }
  const compiled = layouts.map((layout) => compileLayout(exchange, layout, spelled))
  return {
    prefixes: (dataset) => [...new Set(compiled.flatMap((layout) => layout.prefix(dataset) ?? []))],
    key: (dataset, period) => firstOf(compiled, (layout) => layout.key(dataset, period)),
    parseKey: (key) => firstOf(compiled, (layout) => layout.parseKey(key)),
    readFolder: (folder) => compiled.flatMap((layout) => layout.readFolder(folder) ?? []),
  }
}

function wordMap<T extends string>(
  names: readonly T[],
  words: Readonly<Partial<Record<T, string>>> | undefined,
): ReadonlyMap<T, string> {
  for (const name of names) {
    const word = words?.[name]
    if (word === undefined || !word.includes('/')) continue
    throw new LakeError(
      'BAD_REQUEST',
      `The word '${word}' for ${name} has a slash: a placeholder stands for one part of a key. Write a layout for it instead.`,
      { details: { name, value: word } },
    )
  }
  return new Map(names.map((name) => [name, words?.[name] ?? name] as const).filter(([, word]) => word !== ''))
}

function firstOf<T, R>(items: readonly T[], find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item)
    if (found !== undefined) return found
  }
  return undefined
}
