/** The calls of an `ObjectStore` that the test stores count and disturb. */
export const STORE_OPERATIONS = ['list', 'head', 'get', 'put', 'delete'] as const

export type StoreOperation = (typeof STORE_OPERATIONS)[number]
