import type { Command } from 'commander'
import type { CommandContext } from './command-context.ts'

/**
 * What a group of commands is added to. The code of a command is loaded when it is called, so that no command waits for
 * what only others need.
 */
export interface CommandGroup {
  readonly program: Command
  /** Adds the options that every command has. */
  readonly common: (command: Command) => Command
  readonly context: CommandContext
  /** Takes the exit code of the command that ran. */
  readonly conclude: (code: number) => void
}
