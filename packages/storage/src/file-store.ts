import { rename, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { LakeError, type ObjectInfo, type ObjectStore, type PutOptions } from '@lake/core'
import { changeClock } from './change-clock.ts'
import { translated } from './file-error.ts'
import { fileInfo } from './file-info.ts'
import { listFiles } from './file-list.ts'
import { readFile } from './file-read.ts'
import { inFolder, makeFolder, restamp, type StagedFile, syncFolder, writeStaged } from './file-write.ts'
import { withKeyLock } from './key-lock.ts'
import { checkKey } from './object-key.ts'
import { currentProcess } from './process-identity.ts'
import { checkCondition, checkPutOptions } from './put-condition.ts'
import { type Staging, stagingName, sweep } from './staging-file.ts'

export interface FileStoreOptions {
  /** The folder that holds the objects; relative to the working directory. Made by the first put. */
  readonly root: string
  /** How long a change waits for other processes that change the same object; 10 000 when absent. */
  readonly lockTimeoutMillis?: number | undefined
}

/** Where unfinished files and claims lie: on the same disk as the objects, so that a rename is atomic. */
const STAGING = '.tmp'

/**
 * A store in a folder: the object `a/b` is the file `<root>/a/b`. Any number of processes of one machine may use it.
 *
 * A put writes to a file under `<root>/.tmp`, waits until it is on the disk, and renames it into place under a lock
 * of that key, so that a reader or a crash sees the old object or the new one. What killed processes leave
 * in `.tmp` never shows, and is removed by the first put of a later store. The etag is the file's change time and
 * size: a copy that keeps change times keeps etags.
 *
 * @throws {@link LakeError} from its methods, as `ObjectStore` says. `BAD_REQUEST` also when a key lies below another
 *   object, which a disk cannot hold; `CONFLICT` also when others lock a key for too long.
 *
 * @example
 * const store = fileStore({ root: './lake-data' })
 * const { etag } = await store.put('_lake/state.json', bytes, { ifAbsent: true })
 * await store.put('_lake/state.json', newBytes, { ifMatch: etag })
 */
export function fileStore({ root, lockTimeoutMillis = 10_000 }: FileStoreOptions): ObjectStore {
  const folder = resolve(root)
  const stagingFolder = join(folder, STAGING)
  const clock = changeClock()
  let prepared: Promise<Staging> | undefined

  /** The staging folder; made and swept once. */
  async function openStaging(): Promise<Staging> {
    prepared ??= prepareStaging()
    try {
      return await prepared
    } catch (error) {
      // The next put tries again.
      prepared = undefined
      throw error
    }
  }

  async function prepareStaging(): Promise<Staging> {
    const staging = { folder: stagingFolder, owner: await currentProcess() }
    await makeFolder(stagingFolder)
    await sweep(staging)
    return staging
  }

  function pathOf(key: string): string {
    checkKey(key)
    if (key !== STAGING && !key.startsWith(`${STAGING}/`)) return join(folder, key)
    throw new LakeError(
      'BAD_REQUEST',
      `'${key}' lies in ${STAGING}, which the store keeps for itself. Choose another key.`,
      {
        details: { key },
      },
    )
  }

  /** Renames a finished file into place; called under the lock of its key. */
  async function publish(staged: StagedFile, written: ObjectInfo, options: PutOptions): Promise<ObjectInfo> {
    const { key } = staged
    const path = pathOf(key)
    const current = await fileInfo(path, key)
    checkCondition(key, current, options)
    // A clock that was set back, or a process that was faster: the etag must change all the same.
    const isLater = current === undefined || written.lastModified > current.lastModified
    const info = isLater ? written : await restamp(staged, clock(current.lastModified))
    options.signal?.throwIfAborted()
    await translated(
      inFolder(dirname(path), async () => rename(staged.path, path)),
      { doing: 'write', path },
    )
    return info
  }

  return {
    url: pathToFileURL(folder).href,

    list(options = {}) {
      return listFiles(folder, STAGING, options)
    },

    async head(key, { signal } = {}) {
      const path = pathOf(key)
      signal?.throwIfAborted()
      return fileInfo(path, key)
    },

    async get(key, options = {}) {
      const path = pathOf(key)
      options.signal?.throwIfAborted()
      return readFile(path, key, options)
    },

    async put(key, body, options = {}) {
      const { signal } = options
      const path = pathOf(key)
      checkPutOptions(key, options)
      signal?.throwIfAborted()
      // A look before the body is taken and while others are busy: a put that cannot succeed should fail soon.
      const look = async (): Promise<void> => {
        checkCondition(key, await fileInfo(path, key), options)
      }
      await look()
      const staging = await openStaging()
      const staged = { key, path: join(stagingFolder, stagingName('put', staging.owner)) }
      const lock = { staging, key, timeoutMillis: lockTimeoutMillis, signal, whileWaiting: look }
      let info: ObjectInfo
      try {
        const written = await writeStaged(staged, body, clock, signal)
        info = await withKeyLock(lock, async () => publish(staged, written, options))
      } catch (error) {
        // What cannot be removed now, the sweep of a later store removes.
        await Promise.allSettled([rm(staged.path, { force: true })])
        throw error
      }
      const state = 'The new object is in place, but could be lost in a power cut.'
      await translated(syncFolder(dirname(path)), { doing: 'sync the folder of', path, state })
      return info
    },

    async delete(key, { signal } = {}) {
      const path = pathOf(key)
      signal?.throwIfAborted()
      if ((await fileInfo(path, key)) === undefined) return
      const staging = await openStaging()
      await withKeyLock({ staging, key, timeoutMillis: lockTimeoutMillis, signal }, async () => {
        signal?.throwIfAborted()
        await translated(rm(path, { force: true }), { doing: 'delete', path })
      })
      const state = 'The object is gone, but could be back after a power cut.'
      await translated(syncFolder(dirname(path)), { doing: 'sync the folder of', path, state })
    },
  }
}
