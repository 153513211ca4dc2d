import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'

/**
 * The path of an external program: in `.tools/bin` of the working directory or of a folder above it, where
 * `npm run setup:tools` puts it, or on the PATH; `undefined` when it is in neither.
 *
 * @example
 * test('copies on the server', ({ skip }) => {
 *   const s5cmd = findTool('s5cmd')
 *   if (s5cmd === undefined) skip(needsTool('s5cmd'))
 * })
 */
export function findTool(name: string): string | undefined {
  const onPath = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  return [...toolFolders(process.cwd()), ...onPath].map((folder) => join(folder, name)).find(isProgram)
}

/** Why a test that lacks a program is skipped. */
export function needsTool(name: string): string {
  return `needs tool ${name}: run npm run setup:tools`
}

function toolFolders(folder: string): string[] {
  const here = join(folder, '.tools', 'bin')
  return dirname(folder) === folder ? [here] : [here, ...toolFolders(dirname(folder))]
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
