import { LakeError, type ObjectStore } from '@lake/core'

/** A store as it would be if one object, and what is published beside it, had never been put. Read only. */
export function withoutObject(store: ObjectStore, key: string): ObjectStore {
  const isHidden = (other: string): boolean => other === key || other.startsWith(`${key}.`)
  const refuse = async (): Promise<never> =>
    Promise.reject(new LakeError('READ_ONLY', `${store.url} is only read here. Nothing was changed.`))
  return {
    url: store.url,
    async *list(options) {
      for await (const info of store.list(options)) if (!isHidden(info.key)) yield info
    },
    head: async (other, options) => (isHidden(other) ? undefined : store.head(other, options)),
    get: async (other, options) => {
      if (!isHidden(other)) return store.get(other, options)
      throw new LakeError('NOT_FOUND', `${store.url} has no ${other}.`, { details: { key: other } })
    },
    put: refuse,
    delete: refuse,
  }
}
