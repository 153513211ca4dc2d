export { barsFromTrades, type BarsFromTradesOptions } from './bars-from-trades.ts'
export { resampleBars, type ResampleBarsOptions } from './resample-bars.ts'
export { resampleFunding, type ResampleFundingOptions } from './resample-funding.ts'
export type { ResampledBars, ResampledColumns } from './resampled-bars.ts'
