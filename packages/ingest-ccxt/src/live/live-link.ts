/** What a connection to a venue tells. */
export interface LinkEvents {
  /** Something was received, if only the answer to a ping. */
  alive(): void
  /** From now on every frame comes. */
  covered(): void
  /** A frame, and what it says. */
  frame(bytes: Buffer, content: unknown): void
  /** Something came that is no JSON. */
  malformed(bytes: Buffer): void
}

/** How a connection ended. */
export interface LinkEnd {
  readonly reason: string
  /** True when the end itself is the last thing that the venue said: nothing was missed before it. */
  readonly isOrderly: boolean
  /** Trying again is useless: the venue refuses what is asked, or this region. */
  readonly fatal?: 'refused' | 'blocked' | undefined
}

/** A connection that can be opened again and again. */
export interface LiveLink {
  /** The address, for messages. */
  readonly url: string
  /** Connects and subscribes, tells what comes, and gives back how it ended. Aborting ends it in order. */
  connect(events: LinkEvents, signal: AbortSignal): Promise<LinkEnd>
}

/** How patient a connection is, in microseconds. */
export interface LinkTiming {
  /** A ping goes out so often. */
  readonly pingMicros: number
  /** A connection that is silent for so long, not even answering pings, is given up. */
  readonly stallMicros: number
  /** Connecting and subscribing may take so long. */
  readonly connectMicros: number
}
