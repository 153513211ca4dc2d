import type { DatasetPlan } from './plan-run.ts'

/** What a dataset was not made of yet. */
export function newWork(
  { months }: DatasetPlan,
  known: ReadonlySet<string>,
): { readonly partitions: number; readonly bytes: number } {
  const files = months.flatMap((month) => month.files.filter(({ key }) => !known.has(key)))
  return { partitions: files.length, bytes: files.reduce((sum, { size }) => sum + size, 0) }
}
