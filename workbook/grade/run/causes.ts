import { resolve } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import type { SerializedError, TestCase } from 'vitest/node'
import { say } from '../../sentences/say.ts'
import { sentence } from '../../wire/model/sentence.ts'
import type { CheckInfo, Failure } from '../checks/events.ts'
import { plainNames, toFailure } from '../checks/failure.ts'
import { root } from '../labs/tree.ts'
import { framesOf, ownLine, shortPaths, type Tree, todoLine } from '../labs/where.ts'

/** What a check says about itself. */
export function infoOf(test: TestCase): CheckInfo {
  return test.meta().check ?? { id: test.name, title: test.name, todo: [], anchor: '', rule: '' }
}

/** Why a check failed, with the reader's own line: where it threw, or else where the TODO stands. */
export function failureOf(error: SerializedError, check: CheckInfo, stem: string, tree: Tree): Failure {
  const known = error.failure as Failure | undefined
  const bare = Object.assign(new Error(error.message), { name: error.name ?? 'Error' })
  const failure = known ?? toFailure(bare, check.title, check.rule)
  return { ...failure, where: failure.where ?? lineOf(error, tree) ?? todoLine(check.todo, stem, tree) }
}

/** Why a lab could not be loaded: a syntax error, a missing file, a throw outside of every function. */
export function loadProblem(error: SerializedError, tree: Tree): Failure {
  const action = say(sentence('run.loaded-yours'))
  const text = stripVTControlCharacters(error.message)
  const parse = /\[PARSE_ERROR\] (.+)\n.*\[ (.+):(\d+):\d+ \]\n([\s\S]*)/.exec(text)
  if (!parse) return outsideChecks(error, tree, action, say(sentence('run.not-loaded')))
  const [, parseError, file, line, details] = parse
  const summary = say(sentence('run.syntax-error', { error: parseError! }))
  const difference = { shape: 'state' as const, summary, details: details!.trimEnd() }
  const where = ownLine([{ file: resolve(root, file!), line: Number(line) }], tree)
  return { action, received: say(sentence('run.not-typescript')), difference, where }
}

/** What a lab threw where nobody catches, when no check was there any more to fail. */
export function lateProblem(error: SerializedError, tree: Tree): Failure {
  return outsideChecks(error, tree, say(sentence('run.every-check')), say(sentence('run.threw-late')))
}

/**
 * Why a run ended before all of its checks had: its thread has died, of memory that ran out or by its own hand.
 *
 * @param lab `labs/12-ws-frames`
 * @param check the first without a verdict; undefined when not even the checks are known
 * @param cause what vitest says of it
 */
export function unfinishedProblem(lab: string, check?: CheckInfo, cause?: SerializedError): Failure {
  const summary = say(
    check ? sentence('run.unfinished-check', { lab, check: check.title }) : sentence('run.unfinished-loading', { lab }),
  )
  const details = cause && [cause.message, causeOf(cause)].filter(Boolean).join('\n')
  return {
    action: check?.title ?? say(sentence('run.loaded-yours')),
    received: say(sentence('run.thread-ended')),
    difference: { shape: 'state', summary, details },
    rule: check?.rule,
  }
}

function causeOf({ cause }: SerializedError): string {
  const { message } = (cause ?? {}) as { message?: unknown }
  return typeof message === 'string' ? message : ''
}

function outsideChecks(error: SerializedError, tree: Tree, action: string, received: string): Failure {
  const [summary = '', ...more] = plainNames(shortPaths(error.message, tree)).split('\n')
  const name = error.name && error.name !== 'Error' ? `${error.name}: ` : ''
  const details = more.join('\n').trim() || undefined
  return {
    action,
    received,
    difference: { shape: 'state', summary: name + summary, details },
    where: lineOf(error, tree),
  }
}

function lineOf(error: SerializedError, tree: Tree): string | undefined {
  return ownLine([...(error.stacks ?? []), ...framesOf(error.message)], tree)
}
