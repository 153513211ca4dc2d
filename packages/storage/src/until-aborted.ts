/** Waits for work, but no longer than until the abort, whose reason it then throws. The work goes on unobserved. */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work
  let stopWaiting = (): void => undefined
  const aborted = new Promise<undefined>((resolve) => {
    stopWaiting = () => {
      resolve(undefined)
    }
  })
  if (signal.aborted) stopWaiting()
  signal.addEventListener('abort', stopWaiting)
  try {
    const outcome = await Promise.race([work.then((value) => ({ value })), aborted])
    if (outcome !== undefined) return outcome.value
    signal.throwIfAborted()
    return await work
  } finally {
    signal.removeEventListener('abort', stopWaiting)
  }
}
