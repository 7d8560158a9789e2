import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '../../lib/api/client.ts';
import { playRun } from './play-run.ts';

/** Plays a short run on a stage in an AWS account: `npm run smoke:aws`. */
const named = {
  HOLDPOINT_URL: 'publicUrl of the stage',
  HOLDPOINT_TOKEN: 'token of a CI job that may start runs of the service',
  HOLDPOINT_PERSON_TOKEN: 'token of a person who may cancel runs, for the audience of the people',
  HOLDPOINT_SERVICE: 'a service of the stage',
  HOLDPOINT_ENVIRONMENT: 'one of its environments',
};
const missing = Object.entries(named).filter(([name]) => (process.env[name] ?? '') === '');
if (missing.length > 0) {
  process.stderr.write(`smoke:aws needs these variables:\n${missing.map(([name, what]) => `  ${name}: ${what}\n`).join('')}`);
  process.exit(2);
}
const [url = '', ciToken = '', personToken = '', service = '', environment = ''] = Object.keys(named).map((name) => process.env[name]);
const clientWith = (token: string) => createClient({ baseUrl: url.replace(/\/$/, ''), token: () => token });
try {
  await playRun({
    ci: clientWith(ciToken),
    person: clientWith(personToken),
    service,
    environment,
    now: () => new Date(),
    sleep: (ms) => sleep(ms),
    say: (line) => process.stdout.write(`${line}\n`),
  });
} catch (fault) {
  process.stderr.write(`smoke:aws failed: ${fault instanceof Error ? fault.message : String(fault)}\n`);
  process.exit(1);
}
