/** A request as the server saw it. */
export interface S3ServerRequest {
  /** As in `PutObject`, `CopyObject`, `ListObjectsV2`. */
  readonly operation: string
  /** Bucket and key, as in `lake/a/b`. */
  readonly path: string
  /** With the question mark; empty when there is none. */
  readonly query: string
  readonly status: number
}

/** Reads lines of the S3 server access log format; others are left out. */
export function parseAccessLog(text: string): S3ServerRequest[] {
  return text.split('\n').flatMap((line) => {
    const [, operation, target, status] = LINE.exec(line) ?? []
    if (operation === undefined || target === undefined) return []
    const query = target.indexOf('?')
    const path = decodeURIComponent((query < 0 ? target : target.slice(0, query)).slice(1))
    return [{ operation, path, query: query < 0 ? '' : target.slice(query), status: Number(status) }]
  })
}

// … [time] address requester id OPERATION key TARGET STATUS error bytes size …, where only the target is encoded.
const LINE = /\[[^\]]*\] \S+ \S+ \S+ s3_(\w+) .*? (\/\S*) (\d{3}) \S+ \d+ \d+ /
