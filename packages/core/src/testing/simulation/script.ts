import type { UploadItem } from '../../item/item.js'
import { isUnfinished } from '../../item/machine.js'
import type { Page } from './page.js'
import type { PageChange, Scenario, Step, UserAct, WorldChange } from './scenario.js'
import type { World } from './world.js'

const HOUR_MS = 3_600_000
/** At least ten minutes, then longer: a date in `Retry-After` and a clock that is wrong by an hour make an hour's wait. */
const ROUNDS_MS = [...Array.from({ length: 40 }, () => 15_000), ...Array.from({ length: 30 }, () => 300_000)]

/** Plays a script to its end; then faults stop, and all comes to rest. */
export async function playScript(world: World, { setting, steps }: Scenario): Promise<void> {
  world.add(world.open(), setting.sizes)
  await world.clock.advance(0)
  for (const step of steps) {
    if (step.after > 0) await world.clock.advance(step.after)
    world.log(() => describe(step))
    await play(world, step)
    await world.clock.advance(0)
  }
  await comeToRest(world)
}

async function play(world: World, step: Step): Promise<void> {
  const { network, server, realtime } = world
  switch (step.do) {
    case 'request':
      return network.nextFate(step.route, step.fate)
    case 'message':
      return realtime.nextFate(step.fate)
    case 'server': {
      const word = pick(await server.words(), step.which)
      if (word === undefined) return
      if (step.says === 'completed') world.done.saidCompleted.add(word.operation_id)
      return server.say(word.operation_id, step.says)
    }
    case 'work':
      return server.nextWork(step.ends)
    case 'storm':
      return network.storm(step)
    case 'world':
      return changeWorld(world, step.what)
    case 'page': {
      const page = pick(world.pages(), step.which)
      return page && changePage(world, page, step.what)
    }
    case 'user': {
      const page = pick(world.pages(), step.which)
      if (page !== undefined && !page.isAsleep) act(world, page, step.what, step.which, step.number)
    }
  }
}

function changeWorld(world: World, what: WorldChange): void {
  const changes: Readonly<Record<WorldChange, () => void>> = {
    offline: () => world.setConnected(false, true),
    'offline unnoticed': () => world.setConnected(false, false),
    online: () => world.setConnected(true, true),
    'server down': () => world.network.setServerUp(false),
    'server up': () => world.network.setServerUp(true),
    'disk full': () => world.network.setDiskFull(true),
    'disk has room': () => world.network.setDiskFull(false),
    'browser full': () => world.browser.setFull(true),
    'browser has room': () => world.browser.setFull(false),
    'token expires': world.auth.expire,
    'signed out': world.auth.signOut,
    'signed in': world.auth.signIn,
    'realtime breaks': () => world.realtime.setWorking(false),
    'realtime works': () => world.realtime.setWorking(true),
  }
  changes[what]()
}

async function changePage(world: World, page: Page, what: PageChange): Promise<void> {
  switch (what) {
    case 'reload':
    case 'left':
      await leave(world, page, what)
      return void world.open(page, true)
    case 'killed':
      world.kill(page, false)
      return void world.open(page)
    case 'second tab':
      return world.pages().length < 2 ? void world.open(page) : undefined
    case 'cached':
      if (page.isAsleep) return
      world.hide(page)
      return page.sleep()
    case 'asleep':
      return page.sleep()
    case 'wakes':
      return page.wake('pageshow')
    case 'looked at':
      return page.isAsleep ? undefined : page.wake('visible')
    case 'clock set back':
      return page.setClock(-HOUR_MS)
    case 'clock set forward':
      return page.setClock(HOUR_MS)
  }
}

async function leave(world: World, page: Page, how: 'reload' | 'left'): Promise<void> {
  // Nobody reloads a page that sleeps.
  if (page.isAsleep) {
    page.wake('pageshow')
    await world.clock.advance(0)
  }
  if (how === 'left') return world.leave(page)
  world.hide(page)
  await world.clock.advance(0)
  world.kill(page, true)
}

function act(world: World, page: Page, what: UserAct, which: number, number: number): void {
  const { uploader } = page
  switch (what) {
    case 'add':
      return world.add(page, [number])
    case 'pause all':
      return uploader.pause()
    case 'resume all':
      return uploader.resume()
    case 'retry all':
      return uploader.retry()
    default: {
      const item = pick(uploader.items(), which)
      if (item !== undefined) actOn(world, page, item, what, number)
    }
  }
}

function actOn(world: World, page: Page, item: UploadItem, what: UserAct, number: number): void {
  const { uploader } = page
  switch (what) {
    case 'pause':
      return uploader.pause(item.id)
    case 'resume':
      return uploader.resume(item.id)
    case 'cancel':
      return uploader.cancel(item.id)
    case 'retry':
      return uploader.retry(item.id)
    case 'remove':
      return world.remove(page, item)
    case 'move':
      return uploader.move(item.id, number % 3)
    case 'set priority':
      return uploader.setPriority(item.id, number % 3)
    case 'give file':
      return isIn(world, page, item) ? world.giveFile(page, item) : undefined
    case 'give other file':
      return isIn(world, page, item) ? world.giveFile(page, item, number) : undefined
    case 'lose file':
      return world.files.get(item.id)?.lose()
    default:
  }
}

/** Of two tabs that show an item the user gives its file to the one that owns it, or else to the older one. */
function isIn(world: World, page: Page, { id }: UploadItem): boolean {
  const owns = ({ uploader }: Page) => {
    const item = uploader.$item(id).get()
    return item !== undefined && item.mirrored === undefined
  }
  return world.pages().find(owns) === page
}

// -- the end -----------------------------------------------------------------------------------------------------------------------------

/** The faults stop, the server finishes its work, the user does what only a user can do, and time goes on. */
async function comeToRest(world: World): Promise<void> {
  const { setting, network, realtime, server, clock } = world
  world.log(() => '-- the faults stop --')
  network.heal()
  realtime.heal()
  world.setConnected(true, true)
  realtime.setWorking(setting.isRealtimeHealed)
  server.finishWork()
  world.browser.setFull(false)
  world.auth.signIn()
  for (const page of world.pages()) {
    page.wake('visible')
    page.uploader.resume()
    for (const { id } of page.uploader.items()) page.uploader.resume(id)
  }
  for (const ms of ROUNDS_MS) {
    if (setting.isUserThere) for (const page of world.pages()) help(world, page)
    await clock.advance(ms)
    if (await isOver(world)) break
  }
}

/** What was lost about items that had ended is told when the page is looked at again. */
export async function lookAgain({ pages, clock }: World): Promise<void> {
  for (const page of pages()) page.wake('visible')
  // Nothing is asked of a server before its time: by its clock, which may be an hour ahead of ours.
  await clock.advance(HOUR_MS + 60_000)
}

/** What an item cannot do by itself. */
function help(world: World, page: Page): void {
  for (const item of page.uploader.items()) {
    if (item.phase !== 'waiting' || item.mirrored) continue
    if (item.reason === 'auth') page.uploader.retry(item.id)
    if (item.reason === 'file' && isIn(world, page, item)) world.giveFile(page, item)
  }
}

/** Whether an item waits for something that only its user can do, and that this user will not do here. */
export function waitsForUser(world: World, page: Page, item: UploadItem): boolean {
  if (item.phase !== 'waiting' || (item.reason !== 'auth' && item.reason !== 'file')) return false
  return !world.setting.isUserThere || !isIn(world, page, item)
}

async function isOver(world: World): Promise<boolean> {
  const { pages, network, server, done, restoring } = world
  const isAtRest = (page: Page) => page.uploader.items().every((item) => !isUnfinished(item) || waitsForUser(world, page, item))
  if (pages().some(({ name }) => restoring.has(name)) || !pages().every(isAtRest) || network.inFlight().length > 0) return false
  const words = await server.words()
  return [...done.removed].every(
    ([id, page]) =>
      !page.isOpen || words.some((word) => word.operation_id === id && word.status !== 'pending' && word.status !== 'in_progress'),
  )
}

function pick<T>(list: readonly T[], which: number): T | undefined {
  return list[which % Math.max(1, list.length)]
}

/** A step as one line of a log. */
function describe(step: Step): string {
  const details = Object.entries(step).filter(([name]) => name !== 'do' && name !== 'after')
  return `-- ${step.do}: ${details.map(([name, value]) => `${name} ${value}`).join(', ')}`
}
