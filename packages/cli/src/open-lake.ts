import { defineLake, type Lake } from '@lake/pipeline'
import { type CommandConfig, readCommandConfig } from './command-config.ts'
import type { CommandContext } from './command-context.ts'
import { lakeUrl } from './named-place.ts'

/**
 * The lake that a command works on: as its options say, else as the `lake.config.js` where the user stands says.
 *
 * @param url of `--lake`; relative paths start where the user stands
 * @throws {@link LakeError} `BAD_REQUEST` when the URL, an option or the configuration is none.
 */
export async function openLake(
  url: string,
  { workingDirectory }: Pick<CommandContext, 'workingDirectory'>,
  options: CommandConfig = {},
): Promise<Lake> {
  const config = await readCommandConfig(workingDirectory)
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  const venues = {
    ...config.venues,
    ...options.venues,
    urls: { ...config.venues?.urls, ...options.venues?.urls },
    share: options.venues?.share ?? config.venues?.share,
  }
  return defineLake({ ...config, ...given, venues, lake: await lakeUrl(url, workingDirectory) })
}
