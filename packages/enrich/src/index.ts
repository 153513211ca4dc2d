export { addVwap, type AddVwapOptions, type BarsWithoutVwap } from './add-vwap.ts'
export { vwap, type VwapInput } from './vwap.ts'
