import type { Bytes } from './bytes.ts'
import type { Encoding } from './page-header.ts'
import type { Presence } from './page-levels.ts'
import type { MoveTarget, SeePiece } from './page-reader.ts'

/** The dictionary of a column chunk: its values as PLAIN bytes, in memory of their own. */
export interface PageDictionary {
  readonly size: number
  readonly bytes: Uint8Array
}

/** The values of a page, without its levels. */
export interface PageValues {
  /** Not compressed; there until the next page. */
  readonly values: Bytes
  /**
   * Fills `target` with the values and lets go of them, where they can be had without a detour, none is null and there are
   * just as many bytes; returns false where not. `see` is shown them piece by piece, in whole eights of bytes.
   */
  readonly moveValues: (target: MoveTarget, see?: SeePiece) => boolean
}

/** What a data page says of itself. */
export interface PageHead {
  /** The first row, counted from the start of the file. */
  readonly start: number
  readonly rows: number
  readonly encoding: Encoding
  readonly dictionary: PageDictionary | undefined
}

/** A data page of either version, its parts told apart. */
export interface DataPage extends PageHead, Presence, PageValues {}
