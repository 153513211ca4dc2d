/** A fenced block of a Markdown text. */
export interface Fence {
  readonly language: string
  readonly text: string
}

/** The fenced blocks of a Markdown text, in order, each text ending in a newline unless it is empty. */
export function fencesOf(markdown: string): Fence[] {
  const pattern = /^```(\S*)[^\n]*\n([\s\S]*?)^```\s*$/gm
  return [...markdown.matchAll(pattern)].map(([, language = '', text = '']) => ({ language, text }))
}

/** A Markdown text without its fenced blocks and code spans. */
export function proseOf(markdown: string): string {
  return markdown.replace(/^```[\s\S]*?^```\s*$/gm, '').replace(/`[^`\n]*`/g, '')
}
