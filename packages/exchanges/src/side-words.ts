/** The ways to write the side of the taker in words. */
export const SIDE_WORDS: Readonly<Record<string, string>> = {
  buy: 'buy',
  Buy: 'buy',
  BUY: 'buy',
  sell: 'sell',
  Sell: 'sell',
  SELL: 'sell',
}
