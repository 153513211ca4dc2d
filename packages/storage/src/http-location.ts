import { LakeError } from '@lake/core'

/** A place on the web, its credentials kept apart from its name. */
export interface HttpLocation {
  /** Safe to show. */
  readonly url: URL
  /** What a request must carry. */
  readonly headers: Readonly<Record<string, string>>
}

/**
 * Takes an http(s) URL apart; `user:password@` becomes an `authorization` header.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when it is none. The message does not repeat credentials.
 */
export function parseLocation(text: string): HttpLocation {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new LakeError(
      'BAD_REQUEST',
      `'${withoutCredentials(text)}' is not a URL that starts with http:// or https://.`,
    )
  }
  const { username, password } = url
  url.username = ''
  url.password = ''
  url.hash = ''
  if (username === '' && password === '') return { url, headers: {} }
  const credentials = [username, password].map((part) => decodeText(part)).join(':')
  return { url, headers: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` } }
}

/** Percent-decoded where that is possible, as it is otherwise. */
export function decodeText(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function withoutCredentials(text: string): string {
  return text.replace(/\/\/.*@/s, '//')
}
