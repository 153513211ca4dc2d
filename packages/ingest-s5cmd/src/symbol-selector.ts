import { LakeError } from '@lake/core'
import { parseSymbol } from '@lake/exchanges'

/**
 * Which symbols: a name or glob (`*` any text, `?` one character), a list of them, or all that are quoted in an asset.
 * Names are compared as the venue writes them.
 */
export type SymbolSelector = string | readonly string[] | { readonly quote: string }

/**
 * The test of a selector.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when the selector has an empty name, or none at all.
 *
 * @example
 * symbolMatcher('1000*')('1000SHIBUSDT') // true
 * symbolMatcher({ quote: 'USD' })('BTCFDUSD') // false: the quote is FDUSD
 */
export function symbolMatcher(selector: SymbolSelector): (symbol: string) => boolean {
  if (isQuote(selector)) {
    const { quote } = selector
    return (symbol) => parseSymbol(symbol)?.quote === quote
  }
  const list = typeof selector === 'string' ? [selector] : selector
  if (list.length === 0 || list.includes('')) {
    throw new LakeError(
      'BAD_REQUEST',
      'An empty symbol selects nothing. Write a name, a glob such as BTC*, or * for all.',
      {
        details: { symbols: list },
      },
    )
  }
  const names = new Set(list.filter((item) => !isGlob(item)))
  const globs = list.filter(isGlob).map(globPattern)
  return (symbol) => names.has(symbol) || globs.some((glob) => glob.test(symbol))
}

/** The names of a selector that is a list of names; `undefined` for every other. */
export function exactSymbols(selector: SymbolSelector | undefined): readonly string[] | undefined {
  if (selector === undefined || isQuote(selector)) return undefined
  const list = typeof selector === 'string' ? [selector] : selector
  return list.some(isGlob) ? undefined : list
}

function isQuote(selector: SymbolSelector): selector is { readonly quote: string } {
  return typeof selector === 'object' && 'quote' in selector
}

function isGlob(text: string): boolean {
  return /[*?]/.test(text)
}

function globPattern(glob: string): RegExp {
  const pattern = glob
    .replace(/[$()+.[\\\]^{|}/]/g, String.raw`\$&`)
    // Several stars in a row mean one, and would cost time without end.
    .replace(/\*+/g, '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${pattern}$`, 'su')
}
