export type { ComputedTable } from './computed-table.ts'
export { type JsonValue, jsonValue } from './json-value.ts'
export {
  type Catalog,
  type CatalogTable,
  openCatalog,
  type OpenCatalogOptions,
  type QueryOptions,
} from './open-catalog.ts'
export type { QueryColumn, QueryResult } from './query-result.ts'
export type { QueryValues } from './query-values.ts'
export type { ReadPoint } from './read-point.ts'
export { readDataset, type ReadDatasetOptions, type SelectedColumns } from './read-dataset.ts'
export type { SqlParameter, SqlParameters } from './sql-parameters.ts'
