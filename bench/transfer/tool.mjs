import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** An external program, in .tools/bin or on PATH. */
export function findTool(name) {
  const own = fileURLToPath(new URL('../../.tools/bin', import.meta.url))
  for (const folder of [own, ...process.env.PATH.split(delimiter)]) {
    try {
      accessSync(join(folder, name), constants.X_OK)
      return join(folder, name)
    } catch {
      // Not in this one.
    }
  }
  console.error(`There is no ${name}: npm run setup:tools`)
  process.exit(1)
}
