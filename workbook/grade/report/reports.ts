import { say } from '../../sentences/say.ts'
import { sentence } from '../../wire/model/sentence.ts'
import type { Failure, Printed } from '../checks/events.ts'
import { failureLines } from './failure-lines.ts'
import { printedText } from './printed-lines.ts'
import type { CheckResult, LabResult } from './result.ts'

/** The results as JSON, for a teacher's own programs. @param folder of the graded labs, as it was given */
export function jsonReport(results: LabResult[], folder: string, gradedAt: string): string {
  const passed = results.every((result) => result.passed)
  return `${JSON.stringify({ gradedAt, folder, node: process.version, passed, labs: results }, null, 2)}\n`
}

/** The results as XML, for the page of a CI server: a suite for each lab, a case for each check. */
export function junitReport(results: LabResult[], gradedAt: string): string {
  const suites = results.map((result) => suite(result, gradedAt))
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites name="Wirebook">',
    ...suites,
    '</testsuites>',
    '',
  ].join('\n')
}

function suite({ lab, checks, problem, printed, milliseconds }: LabResult, gradedAt: string): string {
  const failures = checks.filter(({ state }) => state === 'failed').length
  const skipped = checks.filter(({ state }) => state === 'notReached').length
  const tests = checks.length + (problem ? 1 : 0)
  const attributes = {
    name: lab,
    tests,
    failures,
    errors: problem ? 1 : 0,
    skipped,
    time: milliseconds / 1000,
    timestamp: gradedAt.slice(0, 19),
  }
  const cases = checks.map((check) => testCase(lab, check))
  if (problem) {
    const name = say(sentence('grade.whole-lab'))
    cases.push(element('testcase', { classname: lab, name }, trouble('error', problem)))
  }
  const content = [...cases, systemOut(printed)].filter(Boolean).join('\n')
  return element('testsuite', attributes, `\n${content}\n`)
}

function testCase(lab: string, { id, title, state, milliseconds = 0, failure, printed }: CheckResult): string {
  const attributes = { classname: lab, name: `${id}: ${title}`, time: milliseconds / 1000 }
  const verdict = failure ? trouble('failure', failure) : state === 'notReached' ? '<skipped/>' : ''
  return element('testcase', attributes, verdict + systemOut(printed))
}

function systemOut(printed: Printed | undefined): string {
  return printed ? element('system-out', {}, escapeXml(printedText(printed))) : ''
}

function trouble(name: 'failure' | 'error', failure: Failure): string {
  return element(name, { message: failure.difference.summary }, escapeXml(failureLines(failure, 100).join('\n')))
}

function element(name: string, attributes: Record<string, string | number>, content: string): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeXml(String(value))}"`)
  return `<${name}${written.join('')}>${content}</${name}>`
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const loneSurrogate = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

/** XML 1.0 has no way to write most control characters and half a surrogate pair, and a lab may have sent any. */
function escapeXml(text: string): string {
  return text
    .replaceAll(loneSurrogate, '\ufffd')
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .replaceAll(/[&<>"]/g, (character) => entities[character]!)
}
