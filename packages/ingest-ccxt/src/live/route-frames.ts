import { type DatasetId, formatDatasetId, LakeError, type LiveStream } from '@lake/core'

/**
 * Finds the datasets of a channel that a parsed frame is of, by what it says about itself.
 *
 * @returns the positions of those datasets; none for other frames
 * @throws {@link LakeError} `UNSUPPORTED` when the channel does not have one of the datasets
 */
export function frameRouter(
  channel: LiveStream,
  datasets: readonly DatasetId[],
): (frame: unknown) => readonly number[] {
  const positions = new Map<string, number>()
  let paths: readonly (readonly string[])[] = []
  for (const [position, dataset] of datasets.entries()) {
    const topic = channel.topic(dataset)
    if (topic === undefined) {
      throw new LakeError('UNSUPPORTED', `Channel ${channel.id} does not have ${formatDatasetId(dataset)}.`, {
        details: { channel: channel.id, dataset: formatDatasetId(dataset) },
      })
    }
    paths = Object.keys(topic).map((path) => path.split('.'))
    positions.set(JSON.stringify(Object.values(topic)), position)
  }
  return (frame) => {
    let tuples: readonly (readonly string[])[] = [[]]
    for (const path of paths) {
      const texts = textsAt(frame, path)
      tuples = tuples.flatMap((tuple) => texts.map((text) => [...tuple, text]))
    }
    const found = new Set<number>()
    for (const tuple of tuples) {
      const position = positions.get(JSON.stringify(tuple))
      if (position !== undefined) found.add(position)
    }
    return [...found]
  }
}

function textsAt(value: unknown, path: readonly string[]): readonly string[] {
  const [step, ...rest] = path
  if (step === undefined) return typeof value === 'string' || typeof value === 'number' ? [String(value)] : []
  if (typeof value !== 'object' || value === null) return []
  if (step === '*') return Object.values(value).flatMap((member: unknown) => textsAt(member, rest))
  return Object.hasOwn(value, step) ? textsAt(Reflect.get(value, step), rest) : []
}
