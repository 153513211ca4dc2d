export { decodeDeltas } from './deltas'
export { decodeCodes, decodeFlags, lookUpWide } from './runs'
export { uncompressSnappy } from './snappy'
export { joinWideStreams, spreadWide } from './wide'
