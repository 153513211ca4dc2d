import { mapInOrder } from './map-in-order.ts'
import type { S3End } from './transfer-end.ts'
import type { TransferTally } from './transfer-tally.ts'

const AT_ONCE = 16

/**
 * The sha256 that a store itself computed of each of these objects, in their order. The first object tells whether it
 * computes any: otherwise no request is spent on the rest.
 */
export async function storedDigests(
  end: S3End,
  keys: readonly string[],
  { tally, signal }: { readonly tally: TransferTally; readonly signal: AbortSignal | undefined },
): Promise<(string | undefined)[]> {
  const { storedSha256 } = end
  const nothing = keys.map(() => undefined)
  const [first, ...others] = keys
  if (storedSha256 === undefined || first === undefined) return nothing
  const ask = async (key: string, aborted?: AbortSignal): Promise<string | undefined> => {
    tally.requests++
    return storedSha256(key, aborted)
  }
  const digest = await ask(first, signal)
  if (digest === undefined) return nothing
  const digests: (string | undefined)[] = [digest]
  for await (const other of mapInOrder(others, { concurrency: AT_ONCE, signal, work: ask })) digests.push(other)
  return digests
}
