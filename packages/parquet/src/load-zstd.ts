export interface Zstd {
  compress(input: Uint8Array, level: number): Uint8Array
}

let loaded: Promise<Zstd> | undefined

/**
 * What compresses pages, as WebAssembly in one fixed version: the one in Node is another one in every release, if there is
 * one, and the same rows are to give the same bytes. Pages are uncompressed by a kernel.
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
