/** What each exit code of a command means. The help prints this list, and `npm run docs` writes it to README.md. */
export const exitCodes = [
  { code: '0', meaning: 'done, recorded, or the gate passed' },
  { code: '1', meaning: 'not passed, failed or refused' },
  { code: '2', meaning: 'wrong usage; nothing was sent' },
  { code: '3', meaning: 'Holdpoint does not answer, no local stage is running, or the code host that `reviews` asks does not answer' },
  { code: '4', meaning: '`wait`: the time was up before the gate was decided' },
  { code: '127, 128+n, …', meaning: '`run`: the code of its command when that is not 0 (127: not found, 128+n: ended by signal n)' },
  { code: '130', meaning: '`probe`: ended by Ctrl-C; what was measured until then is written' },
] as const;

/** A number of that list. `run` returns any code that its command ended with. */
export type ExitCode = number;
