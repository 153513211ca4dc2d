import { open } from 'node:fs/promises'

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

/** Gives, at each call, the requests of a growing log that came after its first `start` bytes; reads each line of it once. */
export function followAccessLog(path: string, start: number): () => Promise<readonly S3ServerRequest[]> {
  const requests: S3ServerRequest[] = []
  let offset = start
  let turn: Promise<unknown> = Promise.resolve()
  const readOn = async (): Promise<readonly S3ServerRequest[]> => {
    await using log = await open(path)
    const { size } = await log.stat()
    const { buffer, bytesRead } = await log.read(Buffer.alloc(size - offset), 0, size - offset, offset)
    // The last line may still be being written.
    const end = buffer.subarray(0, bytesRead).lastIndexOf('\n') + 1
    offset += end
    requests.push(...parseAccessLog(buffer.toString('utf8', 0, end)))
    return [...requests]
  }
  return async () => {
    const reading = turn.then(readOn)
    turn = reading.catch(() => undefined)
    return reading
  }
}

// … [time] address requester id OPERATION key TARGET STATUS error bytes size …, where only the target is encoded.
const LINE = /\[[^\]]*\] \S+ \S+ \S+ s3_(\w+) .*? (\/\S*) (\d{3}) \S+ \d+ \d+ /
