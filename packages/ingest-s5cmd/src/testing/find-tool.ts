import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where `npm run setup:tools` puts external programs. */
const TOOLS = fileURLToPath(new URL('../../../../.tools/bin', import.meta.url))

/** An external program that tests need: in `.tools/bin`, or on `PATH`. */
export function findTool(name: string): string | undefined {
  const folders = [TOOLS, ...(process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')]
  return folders.map((folder) => join(folder, name)).find(isExecutable)
}

/** Why a test is skipped that needs it. */
export function needsTool(name: string): string {
  return `needs tool ${name}: run npm run setup:tools`
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
