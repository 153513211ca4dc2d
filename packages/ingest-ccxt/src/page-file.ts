import { formatDatasetId, LakeError, type PageEnvelope, parseDatasetId, type RawPage } from '@lake/core'
import * as z from 'zod'

/*
 * A page in bronze is its envelope as one line of JSON, and after the line feed the body, byte for byte as it was
 * received. So a page explains itself, and `tail -n +2` gives what the venue said.
 */

const LINE_FEED = 10
const text = z.string()
const instant = z.number()

const envelopeLine = z.strictObject({
  format: z.literal(1),
  dataset: text,
  series: text,
  request: z.strictObject({ method: text, parameters: z.record(text, z.union([text, z.number()])) }),
  range: z.strictObject({ from: instant, to: instant }),
  requestedAt: instant,
  receivedAt: instant,
  asOf: instant,
  status: z.int(),
  headers: z.record(text, text),
  sha256: text,
})

/**
 * The bytes of a page's file in bronze: the envelope as one line of JSON, then the body as received.
 *
 * @example
 * await store.put(bronzePageKey(dataset, { series: series.id, range, sha256: page.envelope.sha256 }), encodePage(page))
 */
export function encodePage(page: RawPage): Uint8Array {
  const { dataset, ...rest } = page.envelope
  const line = JSON.stringify({ format: 1, dataset: formatDatasetId(dataset), ...rest })
  return Buffer.concat([Buffer.from(`${line}\n`), page.body])
}

/**
 * The page that a file in bronze holds; the inverse of {@link encodePage}.
 *
 * @throws {@link LakeError} `CORRUPT_LAKE` when the file is no page.
 */
export function decodePage(bytes: Uint8Array, key: string): RawPage {
  const end = bytes.indexOf(LINE_FEED)
  return {
    envelope: readEnvelope(new TextDecoder().decode(bytes.subarray(0, Math.max(0, end))), key),
    body: bytes.subarray(end + 1),
  }
}

function readEnvelope(line: string, key: string): PageEnvelope {
  try {
    const { dataset, format: _, ...rest } = envelopeLine.parse(JSON.parse(line))
    return { dataset: parseDatasetId(dataset), ...rest }
  } catch (cause) {
    throw new LakeError(
      'CORRUPT_LAKE',
      `${key}: the first line is not the envelope of a page. Remove the file, and the next update fetches it again.`,
      { cause, details: { key } },
    )
  }
}
