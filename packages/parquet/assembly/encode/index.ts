export { encodeDeltas } from './deltas'
export { greatestFloat, leastFloat } from './extremes'
export { encodeRuns } from './runs'
export { compressSnappy } from './snappy'
