import type { ChunkValues } from './chunk-rows.ts'
import { BOUNDARY_ORDER } from './file-format.ts'

/** A page, of which only the places of its extremes are known. */
export interface BoundedPage {
  readonly nullCount: number
  readonly valueCount: number
  readonly extremes: { readonly least: number; readonly greatest: number } | undefined
}

/** The least and greatest values of a column chunk and of its pages. */
export interface ChunkBounds {
  readonly least: Uint8Array | undefined
  readonly greatest: Uint8Array | undefined
  /** A page without values has empty bounds. `undefined` where a page has values that no bounds can be told of. */
  readonly pages: readonly PageBounds[] | undefined
  readonly order: number
}

interface PageBounds {
  readonly least: Uint8Array
  readonly greatest: Uint8Array
}

const NO_BYTES = new Uint8Array()

export function chunkBounds(pages: readonly BoundedPage[], values: ChunkValues): ChunkBounds {
  const known = pages.flatMap(({ extremes }) => extremes ?? [])
  const [first, ...others] = known
  let { least, greatest } = first ?? { least: -1, greatest: -1 }
  let isAscending = true
  let isDescending = true
  let previous = first
  for (const page of others) {
    if (values.isLess(page.least, least)) least = page.least
    if (values.isLess(greatest, page.greatest)) greatest = page.greatest
    if (previous === undefined) continue
    if (values.isLess(page.least, previous.least) || values.isLess(page.greatest, previous.greatest))
      isAscending = false
    if (values.isLess(previous.least, page.least) || values.isLess(previous.greatest, page.greatest)) {
      isDescending = false
    }
    previous = page
  }
  return {
    least: first && values.bound(least, 'least'),
    greatest: first && values.bound(greatest, 'greatest'),
    pages: pageBounds(pages, values),
    order: isAscending ? BOUNDARY_ORDER.ascending : isDescending ? BOUNDARY_ORDER.descending : BOUNDARY_ORDER.unordered,
  }
}

function pageBounds(pages: readonly BoundedPage[], values: ChunkValues): PageBounds[] | undefined {
  const bounds: PageBounds[] = []
  for (const { valueCount, extremes } of pages) {
    if (valueCount === 0) {
      bounds.push({ least: NO_BYTES, greatest: NO_BYTES })
      continue
    }
    const least = extremes && values.bound(extremes.least, 'least')
    const greatest = extremes && values.bound(extremes.greatest, 'greatest')
    if (least === undefined || greatest === undefined) return undefined
    bounds.push({ least, greatest })
  }
  return bounds
}
