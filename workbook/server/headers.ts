/**
 * The headers of every answer: nobody shows it in a frame, guesses another type for it, loads it into a page of another
 * origin, or is told by a link where its reader was.
 */
export const answerHeaders: Readonly<Record<string, string>> = {
  'X-Frame-Options': 'DENY',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
}

/** The policy of an answer that loads nothing. */
export const closedPolicy = "default-src 'none'; frame-ancestors 'none'"

/** The file beside built pages that holds their content security policy. */
export const policyFile = 'policy.txt'
