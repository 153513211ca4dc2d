/** How much longer an answer may take because bytes are sent first: nobody is slower than 64 kB a second. */
export function sendMillis(bytes: number): number {
  return Math.ceil(bytes / 64)
}

/** How much longer an answer may take because the server moves bytes first: none is slower than 4 MB a second. */
export function serverMillis(bytes: number): number {
  return Math.ceil(bytes / 4000)
}
