export { type ForwardProxy, type ForwardProxyOptions, startForwardProxy } from './forward-proxy.ts'
export type { S3ServerRequest } from './access-log.ts'
export { findTool, needsTool } from './find-tool.ts'
export {
  type S3Fault,
  type S3FaultStatus,
  type S3Proxy,
  type S3ProxyOptions,
  type S3ProxyRequest,
  startS3Proxy,
} from './s3-proxy.ts'
export { type S3Server, startS3Server } from './s3-server.ts'
export type { S3ServerOptions } from './s3-server-options.ts'
