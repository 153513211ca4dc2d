import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { createClient } from '../s3-client.ts'
import type { S3Credentials } from '../s3-options.ts'
import type { S3ServerOptions } from './s3-server-options.ts'

interface Access {
  readonly endpoint: string
  readonly region: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

/** Makes users through the server's own administration. */
export async function createUsers(
  program: string,
  { endpoint, region, credentials }: Access,
  users: readonly S3Credentials[],
): Promise<void> {
  const root = ['--access', credentials.accessKeyId, '--secret', credentials.secretAccessKey]
  for (const { accessKeyId, secretAccessKey } of users) {
    const user = ['--access', accessKeyId, '--secret', secretAccessKey, '--role', 'user']
    const admin = ['admin', ...root, '--region', region, '--endpoint-url', endpoint]
    await promisify(execFile)(program, [...admin, 'create-user', ...user])
  }
}

/** Makes the buckets that are not there, with their policies. */
export async function makeBuckets(access: Access, { buckets, policies = {} }: S3ServerOptions): Promise<void> {
  const client = await createClient({ ...access, forcePathStyle: true })
  try {
    const there = new Set((await client.listBuckets()).Buckets?.map(({ Name }) => Name))
    for (const Bucket of buckets) {
      if (!there.has(Bucket)) await client.createBucket({ Bucket })
      const policy = policies[Bucket]
      if (policy === undefined) continue
      const Policy = JSON.stringify(policy === 'public-read' ? publicRead(Bucket) : policy)
      await client.putBucketPolicy({ Bucket, Policy })
    }
  } finally {
    client.destroy()
  }
}

function publicRead(bucket: string): unknown {
  const allow = { Effect: 'Allow', Principal: '*' }
  const list = { ...allow, Action: ['s3:ListBucket'], Resource: [`arn:aws:s3:::${bucket}`] }
  const get = { ...allow, Action: ['s3:GetObject'], Resource: [`arn:aws:s3:::${bucket}/*`] }
  return { Version: '2012-10-17', Statement: [list, get] }
}
