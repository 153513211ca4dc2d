import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/** The zips in a folder and below, in order. */
export function zipsIn(folder) {
  const paths = readdirSync(folder, { recursive: true }).filter((path) => path.endsWith('.zip'))
  return paths.sort().map((path) => join(folder, path))
}
