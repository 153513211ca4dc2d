/** What is wrong with a whole day of bars. */
export interface DayDefect {
  /** `YYYY-MM-DD`. */
  readonly day: string
  /**
   * - `missing`: it has no bar
   * - `doubled`: each of its bars is there more than once
   * - `shifted`: its bars stand `shift` microseconds too late, or too early
   * - `cut`: its last bars, from some time on, or its first ones, up to some time, are absent
   * - `foreign`: its prices are those of another instrument
   */
  readonly defect: 'missing' | 'doubled' | 'shifted' | 'cut' | 'foreign'
  readonly because: string
  /** Of a shifted day, in microseconds; negative when too early. */
  readonly shift?: number | undefined
}
