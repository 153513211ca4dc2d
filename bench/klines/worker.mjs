// The second thread of the job of lake.mjs.
import { parentPort, workerData } from 'node:worker_threads'
import { convertShare } from './convert.mjs'

parentPort.on('message', async () => {
  parentPort.postMessage(await convertShare(workerData))
})
