import { lookup, type LookupOptions, Resolver } from 'node:dns'
import type { LookupFunction } from 'node:net'

/*
 * The platform's look-up of a name cannot be cancelled: where no resolver answers, it keeps even a process that has
 * ended for ten seconds and more. So it is only begun when a resolver that can be cancelled has heard from the servers.
 */

/**
 * Looks up names as the platform does, unless the servers of names are silent for so many milliseconds: then it fails.
 */
export function promptLookup(millis: number): LookupFunction {
  return (hostname: string, options: LookupOptions, done) => {
    const resolver = new Resolver({ timeout: millis, tries: 1 })
    resolver.resolve4(hostname, (error) => {
      // Any other failure is an answer; the platform may know the name from elsewhere.
      if (error?.code === 'ETIMEOUT') done(error, '', 0)
      else lookup(hostname, options, done)
    })
  }
}
