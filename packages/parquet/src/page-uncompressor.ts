/** How the pages of a column are uncompressed. */
export interface PageCodec {
  /** How many times larger than its input a page can be: one that claims more is damaged or hostile. */
  readonly mostTimes: number
  /** True where pages are plain bytes already. */
  readonly isPlain?: boolean
  /** Fills `output` with the plain bytes; throws when there are not as many as it has room for. */
  uncompress(input: Uint8Array, output: Uint8Array): void
}
