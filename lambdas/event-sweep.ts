import { tick } from '../lib/run/gates/sweep.ts';
import { called } from './shell/call.ts';
import { envOf } from './shell/env.ts';
import { clock, liveDue, liveSettler } from './shell/aws-clients.ts';

let world: Parameters<typeof tick>[0] | undefined;

/** Once a minute: asks the settler for everything that is due. It reads due items only, however many runs are open. */
export const handler = called('event-pulse', () => {
  const env = envOf('event-pulse', process.env);
  world ??= { clock, due: liveDue(env.RUNS_TABLE), settler: liveSettler(env.SETTLER_FUNCTION) };
  return tick(world);
});
