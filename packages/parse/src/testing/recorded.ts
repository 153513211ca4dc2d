import { readFileSync } from 'node:fs'

interface Recorded {
  readonly data: unknown
  readonly queryString: string
}

/** The recorded answers of a route whose query has a text. */
export function recorded(route: string, query: string): string[] {
  const url = new URL(`../../../../fixtures/rest/binance/${route}.json`, import.meta.url)
  const all: unknown = JSON.parse(readFileSync(url, 'utf8'))
  if (!Array.isArray(all)) throw new Error(`${route} holds no list`)
  return all.filter(isRecorded).flatMap((one) => (one.queryString.includes(query) ? [JSON.stringify(one.data)] : []))
}

/** The recorded frames, each as its line. */
export function recordedFrames(): string[] {
  const url = new URL('../../../../fixtures/frames/binance-um-2026-08-08.jsonl', import.meta.url)
  return readFileSync(url, 'utf8').trimEnd().split('\n')
}

function isRecorded(value: unknown): value is Recorded {
  return typeof value === 'object' && value !== null && 'data' in value && 'queryString' in value
}
