import { resolve } from 'node:path'

/**
 * A lake or a source as the user names it, with a relative path made absolute: `./lake-data`, `file:./lake-data`
 * and `file:///data/lake` are folders; `https://…` and `memory:` stay as they are.
 */
export function resolveUrl(text: string, workingDirectory: string): string {
  if (/^[a-z][a-z0-9+]*:\/\//i.test(text) || text === 'memory:') return text
  const path = text.startsWith('file:') ? text.slice('file:'.length) : text
  return `file:${resolve(workingDirectory, path)}`
}
