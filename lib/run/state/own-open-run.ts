import type { Dependencies } from '../../ports.ts';
import { readContext } from './run-context.ts';

type Reader = Pick<Dependencies, 'trail' | 'definitions' | 'index'>;
type Place = { readonly service: string; readonly environment: string };

/** An open run of the environment that this person started. A run that cannot be read is nobody's. */
export const ownOpenRun = async (deps: Reader, { service, environment }: Place, person: string): Promise<string | undefined> => {
  const open = await deps.index.open(service, environment);
  const read = await Promise.all(open.map(({ run }) => readContext(deps, run).catch(() => undefined)));
  return read.map((found) => found?.ok).find((one) => one?.ended === undefined && one?.started.event.data.starter === person)?.run;
};
