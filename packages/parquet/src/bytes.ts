/**
 * Bytes that may lie in memory which grows: asked for anew after everything that may have made it grow, and not to be
 * changed.
 */
export type Bytes = () => Uint8Array
