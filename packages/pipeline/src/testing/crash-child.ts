/**
 * A run in a process of its own that kills itself, as `kill -9` does, at a chosen moment.
 *
 * Arguments: the lake's folder, the archive's folder, and the number of the moment: each call to the lake's store is
 * one, and so is the middle of each body that is put; with `never` the run goes through, and prints how many moments
 * there were. Then the address of a venue, which is asked for the gaps of the lake instead of taking the archive.
 */
import type { ObjectStore } from '@lake/core'
import { fileStore } from '@lake/storage'
import { healLake, runPipeline } from '../index.ts'
import { crashLake } from './crash-lake.ts'
import { SAMPLE_DATASETS } from './sample-datasets.ts'

const [lakeFolder = '', archive = '', killAt = 'never', venueUrl] = process.argv.slice(2)
let moments = 0

function moment(): void {
  if (String(++moments) === killAt) process.kill(process.pid, 'SIGKILL')
}

async function* halves(body: Uint8Array | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const chunks = body instanceof Uint8Array ? [body] : body
  for await (const chunk of chunks) {
    const middle = chunk.length >>> 1
    yield chunk.subarray(0, middle)
    moment()
    yield chunk.subarray(middle)
  }
}

function mortal(store: ObjectStore): ObjectStore {
  return {
    url: store.url,
    list: (options) => store.list(options),
    head: async (key, options) => {
      moment()
      return store.head(key, options)
    },
    get: async (key, options) => {
      moment()
      return store.get(key, options)
    },
    put: async (key, body, options) => {
      moment()
      const info = await store.put(key, halves(body), options)
      moment()
      return info
    },
    delete: async (key, options) => {
      moment()
      return store.delete(key, options)
    },
  }
}

const lake = crashLake(mortal(fileStore({ root: lakeFolder })), venueUrl)
const report =
  venueUrl === undefined
    ? await runPipeline(lake, { source: archive, datasets: SAMPLE_DATASETS })
    : await healLake(lake)
for (const { error } of report.failures) throw error
process.stdout.write(String(moments))
