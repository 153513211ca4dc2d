import { fileURLToPath } from 'node:url'
import { type ObjectStore, readObject } from '@lake/core'
import { fileStore } from '@lake/storage'
import type { S3Server } from '@lake/storage/testing'

/** The folder of the recorded archive. */
export const SAMPLE: string = fileURLToPath(new URL('../../../../fixtures/archive', import.meta.url))

/** Puts the recorded archive, or these keys of it, into a store. */
export async function fillWithSample(store: ObjectStore, keys?: readonly string[]): Promise<void> {
  const sample = fileStore({ root: SAMPLE })
  for await (const { key } of sample.list()) {
    if (keys === undefined || keys.includes(key)) await store.put(key, await readObject(sample, key))
  }
}

/** What a shell says of a server of S3 to every AWS tool. */
export function awsVariables({ endpoint, region, credentials }: S3Server): Readonly<Record<string, string>> {
  return {
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_REGION: region,
    AWS_S3_FORCE_PATH_STYLE: 'true',
  }
}
