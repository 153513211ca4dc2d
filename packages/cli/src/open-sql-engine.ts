import type { Catalog, OpenCatalogOptions } from '@lake/catalog'

/** Opens a catalog. Its engine is loaded only here: commands that ask nothing in SQL start without it. */
export async function openSqlEngine(options: OpenCatalogOptions): Promise<Catalog> {
  const { openCatalog } = await import('@lake/catalog')
  return openCatalog(options)
}
