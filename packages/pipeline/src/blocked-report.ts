/** A partition whose newest state is not published. */
export interface BlockedReport {
  /** `2024-01` or `2024-01-31` */
  readonly label: string
  readonly reason: string
  /** When it was found, ISO 8601. */
  readonly since: string
}
