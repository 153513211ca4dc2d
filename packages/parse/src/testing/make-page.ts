import { createHash } from 'node:crypto'
import { parseDatasetId, type RawPage, type TimeRange } from '@lake/core'

export interface PageShape {
  readonly dataset: string
  readonly series: string
  readonly body: string | Uint8Array
  readonly range?: TimeRange
  readonly asOf?: number
  readonly lines?: boolean
}

/** A page as an ingest would have stored it; without a range every row counts. */
export function makePage(shape: PageShape): RawPage {
  const body = Buffer.from(shape.body)
  const { series, range = { from: 0, to: Number.MAX_SAFE_INTEGER }, asOf = Number.MAX_SAFE_INTEGER, lines } = shape
  return {
    envelope: {
      dataset: parseDatasetId(shape.dataset),
      series,
      request: { method: 'test', parameters: {} },
      range,
      requestedAt: asOf,
      receivedAt: asOf,
      asOf,
      status: 200,
      headers: {},
      sha256: createHash('sha256').update(body).digest('hex'),
    },
    body,
    lines,
  }
}
