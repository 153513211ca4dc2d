// What lies where in the memory that zstd works in: tables of the three codes of sequences, 16 bytes a state; the table of
// literals, 2 bytes for each 11 bits; what tables are made from; the latest distances; pairs of literals, 4 bytes for each 12
// bits; and the literals of a block. Behind these may be read as many more as are copied before anybody looks whether there
// are any.
export const LENGTHS: usize = 0
export const MATCHES: usize = 8192
export const OFFSETS: usize = 16_384
export const SYMBOLS: usize = 20_480
export const COUNTS: usize = 24_576
export const NEXT: usize = 25_088
export const WEIGHTS: usize = 25_600
export const RANKS: usize = 25_856
export const MEANINGS: usize = 26_112
export const STEPS: usize = 27_648
export const DISTANCES: usize = 28_672
export const PAIRS: usize = 32_768
export const LITERALS: usize = 49_408
/** All of it. */
export const ZSTD_WORK_BYTES: u32 = 49_408 + 131_072 + 16_384
