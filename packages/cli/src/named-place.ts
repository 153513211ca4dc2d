import { stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { LakeError } from '@lake/core'
import { resolveUrl } from './resolve-url.ts'

/**
 * Where `--lake` says that a lake is. A folder need not be there yet: the first run makes it.
 *
 * @throws {@link LakeError} `BAD_REQUEST` for an empty text, and for a file, in which nothing can lie.
 */
export async function lakeUrl(text: string, workingDirectory: string): Promise<string> {
  const url = placeUrl('--lake', text, workingDirectory)
  const path = pathOf(url)
  if (path === undefined || (await kindOf(path)) !== 'file') return url
  throw new LakeError('BAD_REQUEST', `${path} is a file, and a lake is a folder: name another place with --lake.`, {
    details: { option: '--lake', value: text },
  })
}

/**
 * Where `--source` says that an archive is. A folder is there, or it is a slip of the pen: what it lacks would look as
 * if the archive did not have it.
 *
 * @throws {@link LakeError} `BAD_REQUEST` for an empty text, and for a folder that is none.
 */
export async function sourceUrl(text: string, workingDirectory: string): Promise<string> {
  const url = placeUrl('--source', text, workingDirectory)
  const path = pathOf(url)
  if (path === undefined || (await kindOf(path)) === 'folder') return url
  throw new LakeError(
    'BAD_REQUEST',
    `There is no folder ${path}: --source names the folder that the archive lies in.`,
    {
      details: { option: '--source', value: text },
    },
  )
}

function placeUrl(option: string, text: string, workingDirectory: string): string {
  if (text.trim() !== '') return resolveUrl(text, workingDirectory)
  throw new LakeError('BAD_REQUEST', `${option} is empty: it takes a folder or a URL.`, {
    details: { option, value: text },
  })
}

/** The path of a folder of this machine; `undefined` for other stores, and for a URL that its store will refuse. */
function pathOf(url: string): string | undefined {
  if (!/^file:/i.test(url)) return undefined
  if (!/^file:\/\//i.test(url)) return url.slice('file:'.length)
  try {
    return fileURLToPath(url)
  } catch {
    return undefined
  }
}

/** What cannot be looked at is taken for nothing: whoever reads or writes there is told why. */
async function kindOf(path: string): Promise<'folder' | 'file' | undefined> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) return undefined
  return found.isDirectory() ? 'folder' : 'file'
}
