export interface Zstd {
  compress(input: Uint8Array, level: number): Uint8Array
  /** Takes as much memory as the frame claims to need. */
  decompress(input: Uint8Array): Uint8Array
}

let loaded: Promise<Zstd> | undefined

/**
 * Zstandard as WebAssembly in one fixed version: the one in Node is another one in every release, if there is one.
 *
 * Loaded once a process: the library is one instance, and would answer before it is ready when started again.
 */
export function loadZstd(): Promise<Zstd> {
  loaded ??= startZstd()
  return loaded
}

async function startZstd(): Promise<Zstd> {
  const zstd = await import('@bokuweb/zstd-wasm')
  await zstd.init()
  return zstd
}
