import type { Command } from 'commander'

/** The verbs by what one comes for, in the order in which a newcomer meets them. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  'Bring data in:': ['run', 'discover', 'sync', 'update', 'record'],
  'Ask:': ['sql', 'status', 'symbols'],
  'Find and mend what is wrong:': ['gaps', 'heal', 'quarantine', 'verify', 'certify'],
  'See where it came from:': ['lineage', 'restatements', 'versions', 'transfers'],
  'Begin, and extend:': ['demo', 'doctor', 'new-exchange'],
}

const EXAMPLES = `
Examples:
  lake run --source https://data.binance.vision --dataset binance/spot/klines/BTCUSDT/1m \\
    --from 2024-01-01 --to 2024-03-01
  lake sql "select * from bars where interval = '1d' order by ts_event"
  lake run --help
`

/** Shows the verbs of a program in groups, and how to begin. Throws for a verb without a group: it would stand apart. */
export function arrangeHelp(program: Command): void {
  const headings = new Map(Object.entries(GROUPS).flatMap(([heading, verbs]) => verbs.map((verb) => [verb, heading])))
  // A group stands where its first verb does.
  const order = [...headings.keys()]
  for (const command of program.commands) {
    const heading = headings.get(command.name())
    if (heading === undefined) throw new Error(`the help has no group for ${command.name()}`)
    command.helpGroup(heading)
  }
  program.configureHelp({
    visibleCommands: (shown) => shown.commands.toSorted((a, b) => order.indexOf(a.name()) - order.indexOf(b.name())),
  })
  program.addHelpText('after', EXAMPLES)
}
