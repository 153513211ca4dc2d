/** Where memory begins that is nobody's; never 0, which is no address. What lies before are tables of the kernels. */
export function endOfTables(): usize {
  return __heap_base
}
