import { runCommandLine } from '../command-line.ts'

process.exitCode = await runCommandLine({ argv: process.argv.slice(2) })
