/** How frames write symbols, where that is otherwise than in datasets: `BTC/USD` for `XBTUSD`. */
export interface SymbolSpelling {
  /** What stands between the assets of a pair. */
  readonly separator: string
  /** Assets that go by another name, as the dataset writes them: `{ BTC: 'XBT' }`. */
  readonly assets: Readonly<Record<string, string>>
}

/**
 * A symbol as the dataset writes it, from how a frame does; the same text without a spelling.
 *
 * @example
 * respellSymbol('BTC/USD', { separator: '/', assets: { BTC: 'XBT' } }) // XBTUSD
 */
export function respellSymbol(text: string, spelling: SymbolSpelling | undefined): string {
  if (spelling === undefined) return text
  const { assets } = spelling
  return text
    .split(spelling.separator)
    .map((asset) => (Object.hasOwn(assets, asset) ? (assets[asset] ?? asset) : asset))
    .join('')
}
