import { readFileSync } from 'node:fs'

/** The recorded frames of a stream, each as its line. */
export function recordedFrames(stream: string): string[] {
  const url = new URL('../../../../fixtures/frames/binance-um-2026-08-08.jsonl', import.meta.url)
  const lines = readFileSync(url, 'utf8').trimEnd().split('\n')
  return lines.filter((line) => line.includes(`"stream":"${stream}"`))
}
