import { relative } from 'node:path'
import ts from 'typescript'
import { root } from '../../../workbook/grade/labs/tree.ts'

/** What the project's own compiler options say of a folder, `path:line message`. */
export function typeErrors(folder: string): string[] {
  const config = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile)
  const { options, fileNames } = ts.parseJsonConfigFileContent({ ...config.config, include: ['.'] }, ts.sys, folder)
  if (fileNames.length === 0) return [`${folder} holds no file to check`]
  const program = ts.createProgram(fileNames, { ...options, noEmit: true, types: ['node'] })
  return ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
    const message = ts.flattenDiagnosticMessageText(messageText, ' ')
    if (!file) return message
    return `${relative(folder, file.fileName)}:${file.getLineAndCharacterOfPosition(start).line + 1} ${message}`
  })
}
