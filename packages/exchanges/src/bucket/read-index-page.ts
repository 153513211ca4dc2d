import type { ListedPage } from '@lake/core'

const LINK = /<a\s[^>]*?href\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+))/gi

/**
 * What a web server's page of a folder links to, directly below that folder: files, and folders ending in `/`.
 * Links to anywhere else (the parent, an order of columns, other sites) are passed over.
 *
 * @param folder the key of the folder, ending in `/` or empty
 *
 * @example
 * readIndexPage('<a href="BTCUSDT/">BTCUSDT/</a>', 'trading/') // { files: [], next: ['trading/BTCUSDT/'] }
 */
export function readIndexPage(text: string, folder: string): ListedPage {
  const files = new Set<string>()
  const next = new Set<string>()
  for (const [, double, single, bare] of text.matchAll(LINK)) {
    const name = nameOf(unescapeHtml(double ?? single ?? bare ?? ''), folder)
    if (name === undefined) continue
    if (name.endsWith('/')) next.add(folder + name)
    else files.add(folder + name)
  }
  return { files: [...files].map((key) => ({ key })), next: [...next] }
}

/** The name that a link gives to something directly below the folder; `undefined` for every other link. */
function nameOf(link: string, folder: string): string | undefined {
  let path: string
  try {
    path = decodeURIComponent(link.replace(/[?#].*$/s, ''))
  } catch {
    return undefined
  }
  // Some servers write the path from their root, or the whole address.
  const whole = path.replace(/^[a-z]+:\/\/[^/]*/i, '')
  const place = whole.startsWith('/') ? whole.slice(1) : `${folder}${whole.replace(/^\.\//, '')}`
  if (!place.startsWith(folder)) return undefined
  const name = place.slice(folder.length)
  const isBelow = /^[^/\\\p{Cc}]+\/?$/u.test(name) && !/^\.{1,2}\/?$/.test(name)
  return isBelow ? name : undefined
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function unescapeHtml(text: string): string {
  return text.replace(
    /&(?:#(\d+)|#x([\da-f]+)|([a-z]+));/gi,
    (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return ENTITIES[name.toLowerCase()] ?? whole
      const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal)
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole
    },
  )
}
