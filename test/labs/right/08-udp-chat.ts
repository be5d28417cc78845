import type { Right } from '../../../workbook/grade/labs/edited-programs.ts'

export default [
  {
    name: 'a name letter by letter, and the taken ones as a set',
    edits: [
      {
        file: 'members.ts',
        find: "  if (!/^[\\p{L}\\p{N}_-]{1,32}$/u.test(name)) return 'a name has 1 to 32 letters, digits, - and _'\n",
        replace:
          "  const letters = [...name]\n  const fits = letters.length >= 1 && letters.length <= 32\n  if (!fits || letters.some((letter) => !/[-_\\p{L}\\p{Nd}]/u.test(letter))) return 'no'\n",
      },
      {
        file: 'members.ts',
        find: '  for (const member of members.values()) {\n    if (member.name === name && member.key !== key)',
        replace:
          '  const others = [...members.values()].filter((member) => member.key !== key)\n  {\n    if (new Set(others.map((other) => other.name)).has(name))',
      },
    ],
  },
  {
    name: 'evicts the longest silence first, one after the other',
    file: 'members.ts',
    find: '  const silent = [...members.values()].filter((member) => now - member.lastSeen >= silenceLimit)\n  for (const member of silent) members.delete(member.key)\n  return silent.sort((a, b) => a.lastSeen - b.lastSeen)',
    replace:
      '  const gone: Member[] = []\n  for (const member of [...members.values()].sort((a, b) => a.lastSeen - b.lastSeen)) {\n    if (now < member.lastSeen + silenceLimit) break\n    members.delete(member.key)\n    gone.push(member)\n  }\n  return gone',
  },
  {
    name: 'a window of the last thousand numbers',
    file: 'members.ts',
    find: '  if (seq <= seen.upTo || seen.early.has(seq)) return false\n  seen.early.add(seq)\n  // A number that never comes must not keep all later ones in memory.\n  if (seen.early.size > 256) seen.upTo = Math.min(...seen.early) - 1\n  while (seen.early.delete(seen.upTo + 1)) seen.upTo += 1\n  return true',
    replace:
      '  if (seq <= seen.upTo || seen.early.has(seq)) return false\n  seen.early.add(seq)\n  seen.upTo = Math.max(seen.upTo, seq - 1000)\n  for (const early of seen.early) if (early <= seen.upTo) seen.early.delete(early)\n  return true',
  },
] satisfies Right[]
