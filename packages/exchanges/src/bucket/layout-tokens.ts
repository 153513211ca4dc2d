import { LakeError } from '@lake/core'

export type Placeholder =
  | 'market'
  | 'dataType'
  | 'interval'
  | 'symbol'
  | 'day'
  | 'month'
  | 'yyyymmdd'
  | 'yyyymm'
  | 'yyyy'
  | 'mm'
  | 'dd'
  | 'lastDay'

interface PlaceholderForm {
  /** True for what the period fills in. */
  readonly isTime: boolean
  /** Absent for what an archive has words for. */
  readonly pattern?: string
}

/** What can stand in a layout between braces. */
export const PLACEHOLDERS: Readonly<Record<Placeholder, PlaceholderForm>> = {
  market: { isTime: false },
  dataType: { isTime: false },
  interval: { isTime: false },
  symbol: { isTime: false, pattern: '[^/]+?' },
  day: { isTime: true, pattern: String.raw`\d{4}-\d\d-\d\d` },
  month: { isTime: true, pattern: String.raw`\d{4}-\d\d` },
  yyyymmdd: { isTime: true, pattern: String.raw`\d{8}` },
  yyyymm: { isTime: true, pattern: String.raw`\d{6}` },
  yyyy: { isTime: true, pattern: String.raw`\d{4}` },
  mm: { isTime: true, pattern: String.raw`\d\d` },
  dd: { isTime: true, pattern: String.raw`\d\d` },
  lastDay: { isTime: true, pattern: String.raw`\d\d` },
}

/** A piece of text as it is, or a placeholder. */
export type LayoutToken = string | { readonly name: Placeholder }

/**
 * Takes a path apart at its placeholders.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when there is no such placeholder.
 */
export function tokensOf(path: string): LayoutToken[] {
  return path.split(/(\{[^{}]*\})/).flatMap((piece): LayoutToken[] => {
    if (piece === '') return []
    if (!piece.startsWith('{')) return [piece]
    const name = piece.slice(1, -1)
    if (isPlaceholder(name)) return [{ name }]
    const known = Object.keys(PLACEHOLDERS)
    throw new LakeError(
      'BAD_REQUEST',
      `The layout '${path}' has the placeholder ${piece}, which there is not. Placeholders are {${known.join('} {')}}.`,
      { details: { path, value: name, known } },
    )
  })
}

function isPlaceholder(name: string): name is Placeholder {
  return Object.hasOwn(PLACEHOLDERS, name)
}
