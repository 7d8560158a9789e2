import { stageSchema } from '../checklist/stage.ts';
import { readDeployment } from './deploy.ts';
import { emulatorState, emulatorUrl, runningEmulator, stopEmulator } from './emulator.ts';
import { stopLeftRunning } from './left-running.ts';
import { LocalFault } from './local-fault.ts';
import { readMailbox } from './mailbox.ts';
import { localPaths, readJson } from './paths.ts';
import { isHeldElsewhere } from './pid-lock.ts';
import type { LocalMail, LocalReset, LocalStatus, LocalStopped } from './printed.ts';
import { deleteData, readSaved } from './saved-data.ts';
import { secretsOf } from './secrets.ts';
import { issuersAt, servicesRunning, stopServices } from './services.ts';
import { subjects } from './stage.ts';
import { portsSchema } from './tcp-ports.ts';
import { ciToken, personToken } from './tokens.ts';

export { type LocalStage, localUp } from './up.ts';

/** `folder`: the local stage's folder; default `.local` in the checkout. */
type Where = { readonly folder?: string | undefined };

/** Stops what `localUp` and the demo started, and nothing else. The emulator keeps its data for the next start. */
export const localDown = async ({ folder }: Where = {}): Promise<LocalStopped> => {
  const paths = localPaths(folder);
  const services = servicesRunning(paths);
  const [stopping] = await Promise.all([stopEmulator(paths), stopServices(paths)]);
  // The children of a set-up or a demo that still runs are its own business: it stops them when it fails.
  const busy = [paths.upLock, paths.demoLock].some((lock) => isHeldElsewhere(lock));
  return { ...stopping, services, leftRunning: busy ? 0 : await stopLeftRunning(paths) };
};

/** Deletes the data of the local stage, which must not be running. Returns when that data was saved; null when there was none. */
export const localReset = ({ folder }: Where = {}): LocalReset => {
  const paths = localPaths(folder);
  if (emulatorState(paths).state !== 'none' || servicesRunning(paths) || isHeldElsewhere(paths.upLock))
    throw new LocalFault(
      'still-running',
      'The local stage is running, or ended without `local down`; run `node bin/holdpoint.mjs local down`, then repeat this command.',
    );
  const savedAt = readSaved(paths)?.savedAt ?? null;
  deleteData(paths);
  return { savedAt };
};

/** Reads what is there and changes nothing. */
export const localStatus = ({ folder }: Where = {}): LocalStatus => {
  const paths = localPaths(folder);
  const ports = readJson(paths.ports, portsSchema);
  const stage = readJson(paths.stage, stageSchema);
  const deployment = readDeployment(paths);
  const found = emulatorState(paths);
  const services = servicesRunning(paths);
  const external =
    found.state === 'none' && deployment !== undefined && ports !== undefined && deployment.endpoint !== emulatorUrl(ports.emulator);
  const emulator = external ? 'external' : found.state;
  return {
    state: stateOf({ emulator, services, deployed: deployment !== undefined }),
    emulator,
    services,
    publicUrl: stage?.publicUrl ?? null,
    endpoint: found.state === 'none' ? (external ? deployment.endpoint : null) : found.endpoint,
    issuers: ports === undefined ? null : issuersAt(ports),
    people: (stage?.roster ?? []).map(({ id, name, address, roles }) => ({ login: subjects.get(id) ?? id, id, name, address, roles })),
    password: stage === undefined ? null : secretsOf(paths).password,
    outputs: deployment?.outputs ?? {},
    folder: paths.folder,
  };
};

const stateOf = ({
  emulator,
  services,
  deployed,
}: Pick<LocalStatus, 'emulator' | 'services'> & { readonly deployed: boolean }): LocalStatus['state'] => {
  if (emulator === 'dead') return 'dead';
  if (emulator !== 'none' && services && deployed) return 'up';
  return emulator === 'running' || services ? 'partly-up' : 'down';
};

/** The mails that the app sent to the local SES, oldest first. */
export const localMail = async ({ folder }: Where = {}): Promise<readonly LocalMail[]> => {
  const { emulator, endpoint } = localStatus({ folder });
  const source = emulator === 'external' ? endpoint : await runningEmulator(localPaths(folder));
  if (source === null || source === undefined)
    throw new LocalFault('not-running', 'No local stage is running, so it has no mails; start one with `node bin/holdpoint.mjs local up`.');
  return readMailbox(source);
};

/** A signed token from the local provider: of a person, given an account name, id or name, or of a CI job, given `ci`. */
export const localToken = (who: string, { folder, actor }: Where & { readonly actor?: string } = {}): Promise<string> => {
  const paths = localPaths(folder);
  return who === 'ci' ? ciToken(paths, actor) : personToken(paths, who);
};
