import { readFileSync } from 'node:fs'

const TICK_SECONDS = 0.01

/**
 * Seconds of processor that this process, the programs that it has run to their end, and the server have taken so far;
 * `undefined` where the system does not tell. They are the same whatever else the machine does, as time is not.
 */
export function processorSeconds(serverPid) {
  try {
    const [server, own] = [fieldsOf(serverPid), fieldsOf('self')]
    const ended = own.slice(13, 15)
    const { user, system } = process.cpuUsage()
    return [...server.slice(11, 13), ...ended].reduce((sum, ticks) => sum + ticks * TICK_SECONDS, (user + system) / 1e6)
  } catch {
    return undefined
  }
}

/** The numbers of `/proc/PID/stat` behind the name: 11 and 12 are its own ticks, 13 and 14 those of its children. */
function fieldsOf(pid) {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)
}
