export { fileStore, type FileStoreOptions } from './file-store.ts'
export { memoryStore } from './memory-store.ts'
