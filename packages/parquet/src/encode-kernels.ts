// Made from assembly/encode by `npm run kernels`; a check holds that it is current.

/** What assembly/encode exports. */
export interface EncodeKernels {
  readonly memory: { readonly buffer: ArrayBuffer; readonly grow: (pages: number) => number }
  readonly compressSnappy: (input: number, length: number, output: number, table: number) => number
}

/** As much of the engine's own as is needed here; TypeScript knows it in browsers only. */
declare const WebAssembly: {
  readonly Module: new (code: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: EncodeKernels }
}

const CODE: string =
  'AGFzbQEAAAABEAJgA39/fwF/YAR/f39/AX8DAwIAAQUDAQAABxsCDmNvbXByZXNzU25hcHB5AAEGbWVtb3J5AgAKpQYCvAEBBH8gASAAayIEQQFrIgNBPEkEQCACQQFqIQEgAiADQQJ0OgAABSACQQFqIQEgAiADQYACSQR/QQEFIANBgIAESQR/QQIFQQNBBCADQYCAgAhJGwsLIgZBO2pBAnQ6AAADQCAFIAZIBEAgASICQQFqIQEgAiADIAVBA3R2OgAAIAVBAWohBQwBCwsLIARBIE0EQCABIAD9AAQA/QsEACABIAD9AAQQ/QsEEAUgASAAIAT8CgAACyABIARqC+QEAQd/IAEhBANAIARBgAFPBEAgAiIFQQFqIQIgBSAEQf8AcUGAAXI6AAAgBEEHdiEEDAELCyACIAQ6AAAgAkEBaiEEIAAgAWohCCAAIQIgAUEQTgRAIANBAEGAgAT8CwAgAiABQXxxaiEHIAJBBGohBkEgIQEDQCAGIAdJBEAgACADIAYoAgAiBUG9z9bxAWxBEnZBAnRqIgkoAgBqIQogCSAGIABrNgIAIAooAgAgBUcgBiAKa0H//wNLcgRAIAEiBUEBaiEBIAYgBUEFdkECdGohBgwCCyACIAYgCmsiCSAAaiIBIAEgAkkbIQEgBiEFA0AgASAFSQR/IAVBAWsiCi0AACAKIAlrLQAARgVBAAsEQCAFQQFrIQUMAQsLIAZBBGohAQNAIAEgB0kEfyABKAIAIAEgCWsoAgBGBUEACwRAIAFBBGohAQwBCwsDQCABIAhJBH8gAS0AACABIAlrLQAARgVBAAsEQCABQQFqIQEMAQsLIAIgBUkEQCACIAUgBBAAIQQLIAEgBWshAgNAIAJBxABPBEAgBEH+AToAACAEIAk7AQEgBEEDaiEEIAJBQGohAgwBCwsCfyACQcAASwRAIARB7gE6AAAgBCAJOwEBIARBA2ohBCACQTxrIQILIAlBgBBPIAJBDE9yBEAgBCACQQFrQQJ0QQJyOgAAIAQgCTsBASAEQQNqDAELIAQgAkEEa0ECdEEBciAJQQh2QQV0cjoAACAEIAk6AAEgBEECagshBCAAIAEiAiAAa0EDakF8cWohBkEgIQEMAQsLCyACIAhJBH8gAiAIIAQQAAUgBAsL'

/** The kernels on a memory of their own. The engine compiles equal code once for all threads of a process. */
export function createEncodeKernels(): EncodeKernels {
  return new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(CODE, 'base64'))).exports
}
