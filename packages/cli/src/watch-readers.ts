import { EXIT } from './exit-code.ts'

/**
 * Ends the process without a word when nobody reads its results any more, as `| head` does after some lines: at once,
 * which is as safe as any other moment. Progress and error texts that nobody reads change nothing.
 */
export function watchReaders(): void {
  const { stdout, stderr } = process
  if (!stdout.listeners('error').includes(endUnread)) stdout.on('error', endUnread)
  if (!stderr.listeners('error').includes(goOnUnread)) stderr.on('error', goOnUnread)
}

function endUnread(error: Error): void {
  goOnUnread(error)
  process.exit(EXIT.unread)
}

function goOnUnread(error: Error): void {
  if (!('code' in error) || error.code !== 'EPIPE') throw error
}
