import {
  canonicalJson,
  collectBytes,
  type KnownOutage,
  LakeError,
  MARKETS,
  type ObjectStore,
  outagesKey,
} from '@lake/core'
import * as z from 'zod'

const outage: z.ZodType<KnownOutage> = z.strictObject({
  range: z.strictObject({ from: z.int(), to: z.int() }),
  markets: z.array(z.enum(MARKETS)),
  evidence: z.string(),
})

const outageFile = z.strictObject({ format: z.literal(1), exchange: z.string(), outages: z.array(outage) })

/** Several runs may learn at once; each conflict means that another one got through. */
const MAXIMUM_ATTEMPTS = 20

/**
 * The outages of a venue that a lake has learned of, in order of time; empty when it has learned of none.
 *
 * @throws {@link LakeError} `CORRUPT_LAKE` when they cannot be read.
 */
export async function readLearnedOutages(store: ObjectStore, exchange: string): Promise<readonly KnownOutage[]> {
  return (await readStored(store, exchange)).outages
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
  for (let attempt = 1; ; attempt++) {
    const current = await readStored(store, exchange)
    const outages = learn(current.outages)
    if (outages.length <= current.outages.length) return []
    const text = canonicalJson({ format: 1, exchange, outages }, 1)
    const condition = current.etag === undefined ? { ifAbsent: true } : { ifMatch: current.etag }
    try {
      await store.put(outagesKey(exchange), new TextEncoder().encode(`${text}\n`), condition)
      const known = new Set(current.outages.map((one) => canonicalJson(one)))
      return outages.filter((one) => !known.has(canonicalJson(one)))
    } catch (error) {
      if (!LakeError.is(error) || error.code !== 'CONFLICT' || attempt === MAXIMUM_ATTEMPTS) throw error
    }
  }
}

async function readStored(
  store: ObjectStore,
  exchange: string,
): Promise<{ readonly outages: readonly KnownOutage[]; readonly etag?: string }> {
  const key = outagesKey(exchange)
  try {
    const { info, body } = await store.get(key)
    const value: unknown = JSON.parse(new TextDecoder().decode(await collectBytes(body)))
    return { outages: outageFile.parse(value).outages, etag: info.etag }
  } catch (error) {
    if (LakeError.is(error) && error.code === 'NOT_FOUND') return { outages: [] }
    if (LakeError.is(error)) throw error
    const message = `The learned outages ${key} cannot be read. Nothing was changed. Delete the file: runs learn them again.`
    throw new LakeError('CORRUPT_LAKE', message, { cause: error, details: { key } })
  }
}
