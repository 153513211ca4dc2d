/** The kinds of numbers. */
export const DECIMALS = ['float64', 'exact'] as const

/** How prices, sizes and rates stand in silver: float64, or DECIMAL(38, 18) with every digit of the source. */
export type LakeDecimals = (typeof DECIMALS)[number]
