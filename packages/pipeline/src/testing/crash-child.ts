/**
 * A run in a process of its own that kills itself, as `kill -9` does, at a chosen moment.
 *
 * Arguments: the lake's folder, the archive's folder, and the number of the moment: each call to the lake's store is
 * one, and so is the middle of each body that is put. Without the last one the run goes through, and prints how many
 * moments there were.
 */
import type { ObjectStore } from '@lake/core'
import { fileStore } from '@lake/storage'
import { defineLake, runPipeline } from '../index.ts'
import { SAMPLE_DATASETS } from './sample-datasets.ts'

const [lakeFolder = '', archive = '', killAt = 'never'] = process.argv.slice(2)
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

const lake = defineLake({ lake: mortal(fileStore({ root: lakeFolder })), now: () => 0 })
const report = await runPipeline(lake, { source: archive, datasets: SAMPLE_DATASETS })
for (const { error } of report.failures) throw error
process.stdout.write(String(moments))
