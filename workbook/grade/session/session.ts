import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Sentence, SentenceError, sentence } from '../../wire/model/sentence.ts'
import { answerFiles, diffLab } from '../labs/diff.ts'
import { type Files, savedAt, versionOf } from '../labs/folder.ts'
import { readHints } from '../labs/hints.ts'
import { History } from '../labs/history.ts'
import { starterFiles } from '../labs/lab-files.ts'
import { LabFolder } from '../labs/lab-folder.ts'
import { findLab, type Lab, readLabs } from '../labs/labs.ts'
import { withLineEndsOf } from '../labs/line-ends.ts'
import type { Runner } from '../run/runner.ts'
import { readCurrentLab, writeCurrentLab } from './current-lab.ts'
import { isDone, readProgress, writeProgress } from './progress.ts'
import { Queue } from './queue.ts'
import { reduce } from './reduce.ts'
import { firstFailing } from './run-verdict.ts'
import { SaveWatcher } from './save-watcher.ts'
import { folderTrouble } from './set-aside.ts'
import { createSessionState, type Effect, type Input, type LabWrite, type SessionState } from './state.ts'
import type { LabView } from './views.ts'

/** What a session works with. */
interface SessionOptions {
  /** folder of the project */
  root: string
  runner: Pick<Runner, 'grade' | 'on'>
  /** `8`: the lab to begin with; otherwise the one of last time, or the first that is not done */
  begin?: string
  /** look for saves instead of waiting for the system to announce them */
  poll?: boolean
  quit: () => void
}

/** What the terminal and the page need of a session. */
export type ShownSession = Pick<Session, 'state' | 'put' | 'on'>

/** Grades what is saved, carries out commands, and tells whoever shows it. */
export class Session {
  #state: SessionState
  readonly #root: string
  readonly #history: History
  readonly #queue: Queue
  readonly #quit: () => void
  readonly #saves: SaveWatcher
  /** versions of the labs as they were seen last, by stem */
  readonly #versions = new Map<string, string>()
  readonly #listeners = new Set<(state: SessionState) => void>()
  readonly #stopHearing: () => void
  #telling = false

  /** @throws {SentenceError} when there is no such lab, or none at all */
  constructor({ root, runner, begin, poll, quit }: SessionOptions) {
    this.#root = root
    this.#quit = quit
    this.#history = new History(join(root, 'labs'), this.#file('history'))
    this.#queue = new Queue((stem) => this.#grade(stem, runner))
    this.#stopHearing = runner.on((event) => this.put(event))

    const labs = readLabs(root)
    const { progress, notice } = readProgress(this.#file('progress.json'))
    const last = readCurrentLab(this.#file('current'))
    const first = begin === undefined ? findLab(labs, last.stem) : named(labs, begin)
    const current = first ?? labs.find(({ stem }) => !isDone(progress, stem)) ?? labs[0]
    if (!current) throw new SentenceError(sentence('session.no-lab'))

    for (const { stem } of labs) this.#history.sweep(stem)
    this.#state = createSessionState(labs, progress, current.stem)
    for (const { stem } of labs) this.#versions.set(stem, this.#version(stem))
    this.#saves = new SaveWatcher(
      join(root, 'labs'),
      (stems) => this.#saved(stems),
      (why) => this.put({ type: 'notice', notice: [why] }),
      { poll },
    )
    this.#queue.add(current.stem)
    const trouble = folderTrouble(this.#file(''), this.#file('history'))
    const notices = [trouble, notice, last.notice].filter((one) => one !== undefined)
    if (notices.length > 0) this.put({ type: 'notice', notice: notices })
  }

  get state(): SessionState {
    return this.#state
  }

  /** Takes a command, or news of the runner. */
  put(input: Input): void {
    const { state, effects } = reduce(this.#state, input, Date.now())
    this.#state = state
    for (const effect of effects) this.#attempt(effect)
    this.#tell()
  }

  /** @param listener gets the state after each burst of changes @returns a function that removes the listener */
  on(listener: (state: SessionState) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  close(): void {
    this.#listeners.clear()
    this.#queue.clear()
    this.#saves.close()
    this.#stopHearing()
  }

  /** A disk that is full or not ours must not end the session. */
  #attempt(effect: Effect): void {
    try {
      this.#carryOut(effect)
    } catch (error) {
      this.put({ type: 'notice', notice: [whyFailed(effect, error as Error)] })
    }
  }

  #carryOut(effect: Effect): void {
    switch (effect.do) {
      case 'run':
        return this.#queue.addFirst(effect.lab)
      case 'refresh':
        if (this.#state.runs[effect.lab]?.version !== this.#version(effect.lab)) this.#queue.add(effect.lab)
        return
      case 'reset':
        return this.#write('reset', effect.lab, starterFiles(this.#root, effect.lab))
      case 'take':
        return this.#write('take', effect.lab, answerFiles(this.#root, effect.lab))
      case 'undo':
        return this.#wrote(effect, this.#history.undo(effect.lab))
      case 'redo':
        return this.#wrote(effect, this.#history.redo(effect.lab))
      case 'diff':
        return this.#diff(effect.lab)
      case 'keepPassed':
        return this.#history.keepPassed(effect.lab)
      case 'remember':
        return this.#remember()
      case 'quit':
        return this.#quit()
    }
  }

  #diff(lab: string): void {
    const diff = diffLab(this.#root, this.#lab(lab), todosToShow(this.#state.views[lab]!))
    this.put({ type: 'diffed', lab, diff })
  }

  #remember(): void {
    const notice = writeProgress(this.#file('progress.json'), this.#state.progress)
    if (notice) this.put({ type: 'notice', notice: [notice] })
    writeCurrentLab(this.#file('current'), this.#state.current)
  }

  #write(what: 'reset' | 'take', lab: string, files: Files): void {
    const theirs = new LabFolder(join(this.#root, 'labs', lab)).read().files
    this.#wrote({ do: what, lab }, this.#history.write(lab, withLineEndsOf(theirs, files)))
  }

  #wrote({ do: what, lab }: { do: LabWrite; lab: string }, changed: boolean): void {
    this.put({ type: 'wrote', lab, what, changed })
  }

  async #grade(lab: string, runner: Pick<Runner, 'grade'>): Promise<void> {
    const hints = Object.fromEntries(readHints(readFileSync(join(this.#root, 'docs', `${lab}.md`), 'utf8')))
    const version = this.#version(lab)
    this.put({ type: 'grading', lab, version, at: Date.now(), savedAt: savedAt(join(this.#root, 'labs', lab)), hints })
    await runner.grade(lab)
  }

  /**
   * Editors write more often than the text changes, and so do we; only another text is graded again. A lab that was not
   * graded yet is graded when it alone is saved as it was; with others, it was Git who wrote it.
   */
  #saved(stems: string[]): void {
    const changed = stems.filter((stem) => {
      if (!this.#state.views[stem]) return false
      const run = this.#state.runs[stem]
      const before = run?.version ?? this.#versions.get(stem)
      const now = this.#version(stem)
      this.#versions.set(stem, now)
      return before !== now || (run === undefined && stems.length === 1)
    })
    const { current } = this.#state
    const lab = changed.includes(current) ? current : changed[0]
    if (lab) this.put({ type: 'saved', lab })
  }

  /** The version of the lab and of what it imports from earlier labs. */
  #version(stem: string): string {
    const folders = [stem, ...this.#lab(stem).buildsOn]
    return folders.map((folder) => versionOf(new LabFolder(join(this.#root, 'labs', folder)).read().files)).join('-')
  }

  #lab(stem: string): Lab {
    return this.#state.labs.find((lab) => lab.stem === stem)!
  }

  #file(name: string): string {
    return join(this.#root, '.wirebook', name)
  }

  #tell(): void {
    if (this.#telling) return
    this.#telling = true
    setImmediate(() => {
      this.#telling = false
      for (const listener of this.#listeners) listener(this.#state)
    })
  }
}

/** The TODOs that pass, and those of the check that is open: a diff must not give away what comes later. */
function todosToShow(view: LabView): Set<number> | undefined {
  const failing = firstFailing(view.checks)
  if (!failing) return undefined
  const upTo = view.checks.slice(0, view.checks.indexOf(failing) + 1)
  return new Set(upTo.flatMap(({ todo }) => todo))
}

/** @throws {SentenceError} when no lab has this name */
function named(labs: Lab[], name: string): Lab {
  const lab = findLab(labs, name)
  if (lab) return lab
  const numbers = labs.map(({ stem }) => stem.slice(0, 2)).join(', ')
  throw new SentenceError(sentence('session.unknown-lab', { name, numbers }))
}

function whyFailed({ do: effect }: Effect, error: Error): Sentence {
  const why = error instanceof SentenceError ? error.sentence : error.message
  if (!isLabWrite(effect)) return sentence('session.effect-failed', { effect, error: why })
  const inPart = error instanceof SentenceError && error.sentence.code === 'files.written-in-part'
  return inPart ? error.sentence : sentence('session.write-failed', { command: effect, why })
}

function isLabWrite(effect: Effect['do']): effect is LabWrite {
  return ['reset', 'undo', 'redo', 'take'].includes(effect)
}
