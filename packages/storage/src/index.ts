export { fileStore, type FileStoreOptions } from './file-store.ts'
export { httpStore, type HttpStoreOptions } from './http-store.ts'
export { compareKeys } from './key-order.ts'
export { memoryStore } from './memory-store.ts'
export { openStore, type OpenStoreOptions } from './open-store.ts'
export { currentProcess, hasEnded, type ProcessIdentity } from './process-identity.ts'
export {
  type EnvironmentAnswer,
  type EnvironmentFetch,
  environmentFetch,
  environmentProxy,
  type EnvironmentTunnels,
  environmentTunnels,
} from './proxy.ts'
export { copierInto, type CopyFrom, type CopySource } from './s3-copy.ts'
export { storedSha256, type StoredSha256 } from './s3-digest.ts'
export { s3Location, type S3Location } from './s3-location.ts'
export type { S3Credentials, S3StoreOptions } from './s3-options.ts'
export { s3Store } from './s3-store.ts'
