/** Times and closing prices of bars, in the order of the rows. */
export interface BarSeries {
  readonly times: Float64Array
  readonly closes: Float64Array
}
