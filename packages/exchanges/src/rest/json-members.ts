/** The items of a list; none when the value is no list. */
export function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** A member of an object; `undefined` when there is none, or no object. */
export function memberOf(value: unknown, name: string): unknown {
  const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
  return found
}

/** A member as text; `''` when it is neither a text nor a number. */
export function textOf(value: unknown, name: string): string {
  const found = memberOf(value, name)
  return typeof found === 'string' || typeof found === 'number' ? String(found) : ''
}

/** A member that holds epoch milliseconds, in microseconds; `undefined` when it is absent, empty or 0. */
export function instantOf(value: unknown, name: string): number | undefined {
  const millis = Number(textOf(value, name))
  return millis > 0 ? millis * 1000 : undefined
}

/** A member that holds a number above 0; `undefined` otherwise. */
export function amountOf(value: unknown, name: string): number | undefined {
  const amount = Number(textOf(value, name))
  return amount > 0 ? amount : undefined
}
