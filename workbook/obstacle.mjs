// Nothing else may be loaded before this has been asked, and any Node.js since 14 has to read it: so it is JavaScript
// without today's syntax, and its sentences stand here and not in workbook/sentences.
import { sep } from 'node:path'

/**
 * What npm, tsx or Vite misreads in a path: `#` and `?` as in an address, `:` and `;` as in PATH, and an encoded blank.
 * With the blank, Vite runs everything and then names wrong lines.
 */
const misread = sep === '/' ? /[#?:\\]|%(20|09|0a|0d|c2%a0|e3%80%80)/i : /[#;]|%(20|09|0a|0d|c2%a0|e3%80%80)/i

/**
 * Says why the workbook cannot run here, and what to do.
 *
 * @param {string} version of Node.js, `18.20.8`
 * @param {string} range of versions that will do, as package.json's `engines` has it: `^20.19.0 || >=22.12.0`
 * @param {string} folder of the project, absolute
 * @returns {string | undefined} a sentence, or nothing when it can
 */
export function obstacle(version, range, folder) {
  if (!satisfies(version, range)) {
    return `Wirebook needs Node.js ${inWords(range)}, and this is Node.js ${version}. Install a newer one from https://nodejs.org, open a new terminal, and run the command again.`
  }
  const part = (misread.exec(folder) || [])[0]
  if (part) {
    return `Wirebook cannot run in the folder ${folder}, because npm, tsx and Vite do not all understand the ${part} in its name. Rename the folder or move the workbook to another one, and run the command again.`
  }
  return undefined
}

/**
 * Tells whether one of the alternatives of a range holds the version.
 *
 * @param {string} version
 * @param {string} range whole versions with `^` or `>=` in front
 */
function satisfies(version, range) {
  const [major, minor, patch] = numbersOf(version)
  return range.split('||').some((alternative) => {
    const [fromMajor, fromMinor, fromPatch] = numbersOf(alternative)
    if (major !== fromMajor) return major > fromMajor && alternative.includes('>=')
    return minor !== fromMinor ? minor > fromMinor : patch >= fromPatch
  })
}

/**
 * Gives a range as a reader says it: `20.19 or a later 20, or 22.12 or newer`.
 *
 * @param {string} range
 */
function inWords(range) {
  const alternatives = range.split('||').map((alternative) => {
    const [major, minor] = numbersOf(alternative)
    return `${major}.${minor} or ${alternative.includes('>=') ? 'newer' : `a later ${major}`}`
  })
  return alternatives.join(', or ')
}

/** @param {string} version @returns {[number, number, number]} */
function numbersOf(version) {
  const found = /(\d+)\.(\d+)\.(\d+)/.exec(version) || ['', '0', '0', '0']
  return [Number(found[1]), Number(found[2]), Number(found[3])]
}
