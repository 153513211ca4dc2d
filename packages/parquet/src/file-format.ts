/** Numbers that stand for words in the Parquet format, as far as the encoder writes them. */

export const MAGIC: Uint8Array = new TextEncoder().encode('PAR1')

export const PHYSICAL_TYPE = { boolean: 0, int64: 2, double: 5, byteArray: 6, fixedLengthByteArray: 7 } as const

export const ENCODING = { plain: 0, rle: 3, deltaBinaryPacked: 5, rleDictionary: 8 } as const

export const CODEC = { uncompressed: 0, snappy: 1, zstd: 6 } as const

export const PAGE_TYPE = { dictionary: 2, data2: 3 } as const

export const BOUNDARY_ORDER = { unordered: 0, ascending: 1, descending: 2 } as const

export const CONVERTED_TYPE = { utf8: 0, decimal: 5, timestampMicros: 10 } as const
