export { findFundingGaps } from './find-funding-gaps.ts'
export { type BarTable, findGaps, type FindGapsOptions } from './find-gaps.ts'
export { type AggTradeIds, findIdGaps, type IdGap } from './find-id-gaps.ts'
