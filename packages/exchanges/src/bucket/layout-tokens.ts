import { LakeError } from '@lake/core'

/** What can stand in a layout between braces. */
export const PLACEHOLDERS = {
  market: { isTime: false, pattern: undefined },
  dataType: { isTime: false, pattern: undefined },
  interval: { isTime: false, pattern: undefined },
  symbol: { isTime: false, pattern: '[^/]+?' },
  day: { isTime: true, pattern: String.raw`\d{4}-\d\d-\d\d` },
  month: { isTime: true, pattern: String.raw`\d{4}-\d\d` },
  yyyymmdd: { isTime: true, pattern: String.raw`\d{8}` },
  yyyymm: { isTime: true, pattern: String.raw`\d{6}` },
  yyyy: { isTime: true, pattern: String.raw`\d{4}` },
  mm: { isTime: true, pattern: String.raw`\d\d` },
  dd: { isTime: true, pattern: String.raw`\d\d` },
  lastDay: { isTime: true, pattern: String.raw`\d\d` },
} as const satisfies Record<string, { readonly isTime: boolean; readonly pattern: string | undefined }>

export type Placeholder = keyof typeof PLACEHOLDERS

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
