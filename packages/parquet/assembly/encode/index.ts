export { compressSnappy } from './snappy'
