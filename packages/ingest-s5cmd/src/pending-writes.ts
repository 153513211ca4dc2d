/** Writes that go on while other work does, so many at once; a failure is thrown by the next call. */
export class PendingWrites {
  private readonly atOnce: number
  private readonly pending = new Map<string, Promise<void>>()
  private failure: { readonly reason: unknown } | undefined

  constructor(atOnce: number) {
    this.atOnce = atOnce
  }

  has(name: string): boolean {
    return this.pending.has(name)
  }

  /** Starts a write when there is room for it. Writes of the same name come one after the other. */
  async add(name: string, write: () => Promise<void>): Promise<void> {
    await this.settle(name)
    while (this.pending.size >= this.atOnce) await Promise.race(this.pending.values())
    this.throwFailure()
    const started = write().then(
      () => {
        this.pending.delete(name)
      },
      (reason: unknown) => {
        this.pending.delete(name)
        this.failure ??= { reason }
      },
    )
    this.pending.set(name, started)
  }

  /** Waits for the write of a name, if there is one. */
  async settle(name: string): Promise<void> {
    await this.pending.get(name)
    this.throwFailure()
  }

  /** Waits for all of them. Never rejects. */
  async end(): Promise<void> {
    await Promise.all(this.pending.values())
  }

  throwFailure(): void {
    if (this.failure !== undefined) throw this.failure.reason
  }
}
