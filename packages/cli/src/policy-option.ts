import { POLICIES } from '@lake/pipeline'
import { Option } from 'commander'

/** The option of commands that merge: the value is one of the policies' names. */
export function policyOption(): Option {
  const about =
    'who is believed where sources differ; without it as each partition was merged before, at first archive-first'
  return new Option('--policy <name>', about).choices([...POLICIES])
}
