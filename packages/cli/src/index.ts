export type { CommandConfig } from './command-config.ts'
export { type CommandLineOptions, runCommandLine } from './command-line.ts'
export type { Terminal } from './terminal.ts'
