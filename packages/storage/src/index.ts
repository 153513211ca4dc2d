export { fileStore, type FileStoreOptions } from './file-store.ts'
export { httpStore, type HttpStoreOptions } from './http-store.ts'
export { memoryStore } from './memory-store.ts'
export { openStore, type OpenStoreOptions } from './open-store.ts'
