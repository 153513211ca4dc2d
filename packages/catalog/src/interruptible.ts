import type { DuckDBConnection } from '@duckdb/node-api'

/**
 * Runs work on a connection that an abort interrupts; throws the reason of the signal then, also when DuckDB ended
 * as if nothing had happened.
 */
export async function interruptible<T>(
  connection: DuckDBConnection,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  signal.throwIfAborted()
  let again: NodeJS.Timeout | undefined
  const interrupt = (): void => {
    connection.interrupt()
    // An interrupt that arrives just before a statement starts is forgotten by it.
    again = setInterval(() => {
      connection.interrupt()
    }, 20)
  }
  signal.addEventListener('abort', interrupt, { once: true })
  try {
    return await work()
  } finally {
    signal.removeEventListener('abort', interrupt)
    clearInterval(again)
    signal.throwIfAborted()
  }
}
