/** At which moment a lake is read. The two run on different clocks, and each guards against another mistake. */
export interface ReadPoint {
  /**
   * As the lake stood then, by its own clock, epoch microseconds UTC: what was restated since is read from the kept
   * version, and partitions and rows that were committed later are not there. Guards against values that were corrected
   * later. A value that was null in a row and came later counts as there.
   */
  readonly asOf?: number | undefined
  /**
   * Only rows that could be known then: those whose `ts_available`, by the clock of the market, is not after it. Guards
   * against looking ahead; the values are those of the version that is read.
   */
  readonly knownAt?: number | undefined
}
