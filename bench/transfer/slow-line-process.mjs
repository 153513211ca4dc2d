// The slow line as a process of its own: what it costs to slow down is no work of whom it slows.
import { startSlowLine } from './slow-line.mjs'

const [target, delayMillis, bytesPerSecond] = process.argv.slice(2)
const line = await startSlowLine({ target, delayMillis: Number(delayMillis), bytesPerSecond: Number(bytesPerSecond) })
process.send(line.endpoint)
