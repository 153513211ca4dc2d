/**
 * The clock of the bars for MetaTrader is three hours ahead of UTC all year, as the venue's page of them says. Compared with
 * Binance's minutes, ten months of three symbols, one of them a November, fit best at exactly this distance.
 */
export const METATRADER_OFFSET = 10_800_000_000
