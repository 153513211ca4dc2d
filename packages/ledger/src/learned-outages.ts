import { canonicalJson, type KnownOutage, MARKETS, type ObjectStore, outagesKey } from '@lake/core'
import * as z from 'zod'
import { changeDocument, readDocument, type StoredDocument } from './stored-document.ts'

const outage: z.ZodType<KnownOutage> = z.strictObject({
  range: z.strictObject({ from: z.int(), to: z.int() }),
  markets: z.array(z.enum(MARKETS)),
  evidence: z.string(),
})

const outageFile = z.strictObject({ format: z.literal(1), exchange: z.string(), outages: z.array(outage) })

/**
 * The outages of a venue that a lake has learned of, in order of time; empty when it has learned of none.
 *
 * @throws {@link LakeError} `CORRUPT_LAKE` when they cannot be read.
 */
export async function readLearnedOutages(store: ObjectStore, exchange: string): Promise<readonly KnownOutage[]> {
  return (await readDocument(store, documentOf(exchange))).value
}

/**
 * Adds to the outages of a venue that a lake has learned of.
 *
 * @param learn gives the longer list for the one that is there; it is asked again when another writer got in between.
 * Of one as long, nothing is written.
 * @returns the outages that are new
 * @throws {@link LakeError} `CONFLICT` when other writers got in between twenty times.
 */
export async function recordLearnedOutages(
  store: ObjectStore,
  exchange: string,
  learn: (known: readonly KnownOutage[]) => readonly KnownOutage[],
): Promise<readonly KnownOutage[]> {
  let added: readonly KnownOutage[] = []
  await changeDocument(store, documentOf(exchange), (known) => {
    const outages = learn(known)
    const before = new Set(known.map((one) => canonicalJson(one)))
    // Another writer may have got in between: what counts is the last try.
    added = outages.length > known.length ? outages.filter((one) => !before.has(canonicalJson(one))) : []
    return added.length > 0 ? outages : known
  })
  return added
}

function documentOf(exchange: string): StoredDocument<readonly KnownOutage[]> {
  return {
    key: outagesKey(exchange),
    absent: [],
    parse: (value) => outageFile.parse(value).outages,
    format: (outages) => ({ format: 1, exchange, outages }),
    name: 'The learned outages',
    remedy: 'Delete the file: runs learn them again.',
  }
}
