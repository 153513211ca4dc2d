/** How much is fuzzed: a fixed seed in the suite; ten times as much, from another seed each time, in a night. */
export const IS_NIGHT: boolean = process.env['LAKE_NIGHTLY'] === '1'
export const FUZZ_TIMES: number = IS_NIGHT ? 10 : 1
/** `npm run test:nightly` prints it, so that what failed can be run again. */
export const FUZZ_SEED: number = IS_NIGHT ? Number(process.env['LAKE_SEED'] ?? 0) : 0
