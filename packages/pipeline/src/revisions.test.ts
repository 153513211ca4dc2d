import { sha256Of } from '@lake/ledger'
import { memoryStore } from '@lake/storage'
import { expect, test } from 'vitest'
import digests from '../fixtures/expected/revisions.json' with { type: 'json' }
import { GOLD_BARS_REVISION } from './gold-bars-frame.ts'
import { GOLD_FUNDING_REVISION } from './build-gold-funding.ts'
import { SILVER_REVISION } from './silver-revision.ts'
import { defineLake, runPipeline } from './index.ts'
import { contentOf, SAMPLE } from './testing/fixtures.ts'
import { SAMPLE_DATASETS } from './testing/sample-datasets.ts'

/*
 * Lakes out there are rebuilt only when a step's revision is raised. So when this fails, other bytes come out of the
 * same input: raise the revision of that step, and add its digest. Never change the digest of an old revision.
 */
test('the bytes of every step are those of its revision', async () => {
  const store = memoryStore()
  await runPipeline(defineLake({ lake: store }), { source: SAMPLE, datasets: SAMPLE_DATASETS })
  const digestOf = async (prefix: string): Promise<string> => sha256Of(JSON.stringify(await contentOf(store, prefix)))
  const revisions: Readonly<Record<string, Readonly<Record<string, string>>>> = digests
  expect({
    silver: await digestOf('silver/'),
    bars: await digestOf('gold/bars/'),
    funding: await digestOf('gold/funding/'),
  }).toEqual({
    silver: revisions['silver']?.[SILVER_REVISION],
    bars: revisions['bars']?.[GOLD_BARS_REVISION],
    funding: revisions['funding']?.[GOLD_FUNDING_REVISION],
  })
})
