import type { LakeErrorCode, RestEndpoint } from '@lake/core'
import type { FlatRows } from './flat-rows.ts'
import type { RowsPlace } from './rows-place.ts'

/** One request, as an adapter describes it. */
export interface RestRequest {
  readonly endpoint: RestEndpoint
  readonly parameters: Readonly<Record<string, string | number>>
  /** Where the rows of the answer ought to lie, for a transport that can leave them unparsed. */
  readonly rows?: RowsPlace | undefined
  readonly signal?: AbortSignal | undefined
}

/** One answer, whatever its status. */
export interface RestReply {
  readonly status: number
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>
  /** As received, after the transfer's own compression was undone. */
  readonly body: Uint8Array
  /** The parsed JSON; `undefined` when the body is none. */
  readonly json: unknown
  /** The rows where they lie as the request said, for a walk that need not parse them; then `json` is parsed when read. */
  readonly flatRows?: FlatRows | undefined
  /** The beginning of a body that is no page, as a text free of secrets; for messages, instead of the body itself. */
  readonly excerpt?: string | undefined
  /** Set when the venue says in its own words that it refuses, whatever the status. Free of secrets. */
  readonly refusal?: { readonly code: LakeErrorCode; readonly message: string } | undefined
}

/** Carries requests to a venue. */
export interface RestTransport {
  /**
   * The venue's answer.
   *
   * @throws {@link LakeError} `UNAVAILABLE` when none came: no connection, a reset, a timeout.
   * @throws {@link LakeError} `UNSUPPORTED` when this transport does not know the endpoint.
   * @throws {@link LakeError} `NO_PERMISSION` when the endpoint needs a key and none is given.
   */
  send(request: RestRequest): Promise<RestReply>
  /** Lets go of connections. */
  close(): Promise<void>
}
