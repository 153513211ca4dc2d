// What lies where in the memory that zstd works in: tables of the three codes of sequences, 8 bytes a state; the table of
// literals, 2 bytes for each 11 bits; what tables are made from; and the literals of a block, with room behind them.
export const LENGTHS: usize = 0
export const MATCHES: usize = 4096
export const OFFSETS: usize = 8192
export const SYMBOLS: usize = 10_240
export const COUNTS: usize = 14_336
export const NEXT: usize = 14_848
export const WEIGHTS: usize = 15_360
export const RANKS: usize = 15_616
export const MEANINGS: usize = 15_872
export const LITERALS: usize = 16_384
/** All of it. */
export const ZSTD_WORK_BYTES: u32 = 16_384 + 131_072 + 64
