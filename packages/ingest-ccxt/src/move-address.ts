/** An address with another scheme and host, the path kept; as it is when there is no `baseUrl`. */
export function moveAddress(url: string, baseUrl: string | undefined): string {
  return baseUrl === undefined ? url : url.replace(/^[a-z]+:\/\/[^/?#]+/, baseUrl.replace(/\/+$/, ''))
}
