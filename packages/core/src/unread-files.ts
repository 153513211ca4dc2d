import type { DatasetId } from './dataset-id.ts'
import type { DataType, Market } from './vocabulary.ts'

/** Files that an archive has and that no table is made of. They can be listed, and brought into bronze as they are. */
export interface UnreadFiles {
  readonly dataTypes: readonly DataType[]
  readonly markets: readonly Market[]
  /** Which of these, for the documentation: `files of a whole family`. All when absent. */
  readonly which?: string | undefined
  /** The same as a function, by the name that the archive gives them. Pure. */
  readonly holds?: ((dataset: DatasetId) => boolean) | undefined
  /**
   * Datasets that have no files of their own, since their rows lie in such files: what to say when nothing is found of
   * one. Pure.
   */
  readonly stands?: ((dataset: DatasetId) => boolean) | undefined
  /** Why they are not read, as a sentence. */
  readonly why: string
  /** What to do instead, as a sentence. */
  readonly instead: string
}

/** What an archive says of files that are not read, where a dataset is made of such ones. */
export function unreadFiles(unread: readonly UnreadFiles[] | undefined, dataset: DatasetId): UnreadFiles | undefined {
  return ofKind(unread ?? [], dataset).find(({ holds }) => holds?.(dataset) ?? true)
}

/** The same, where its rows lie in such files under another name. */
export function unreadElsewhere(
  unread: readonly UnreadFiles[] | undefined,
  dataset: DatasetId,
): UnreadFiles | undefined {
  return ofKind(unread ?? [], dataset).find(({ stands }) => stands?.(dataset) ?? false)
}

function ofKind(unread: readonly UnreadFiles[], { dataType, market }: DatasetId): readonly UnreadFiles[] {
  return unread.filter(({ dataTypes, markets }) => dataTypes.includes(dataType) && markets.includes(market))
}
