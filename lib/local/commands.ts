import { stageSchema } from '../checklist/stage.ts';
import { type Outputs, standingNote } from './deploy.ts';
import { emulatorState, endpointAt, runningEmulator, stopEmulator } from './emulator.ts';
import { LocalFault } from './error-document.ts';
import { type LocalMail, readMailbox } from './mailbox.ts';
import { localPlaces, readJson } from './paths.ts';
import { portsSchema } from './ports.ts';
import { secretsOf } from './secrets.ts';
import { issuersAt, servicesRunning, stopServices } from './services.ts';
import { subjects } from './stage.ts';
import { ciToken, personToken } from './tokens.ts';

export { type LocalStage, localUp } from './up.ts';

/** Where everything is kept, when it is not `.local` of the checkout. */
type Where = { readonly folder?: string | undefined };

/** Stops what `localUp` started, and nothing else. What the emulator keeps stays for the next start. */
export const localDown = async ({
  folder,
}: Where = {}): Promise<{ readonly emulator: Awaited<ReturnType<typeof stopEmulator>>; readonly services: boolean }> => {
  const places = localPlaces(folder);
  const services = servicesRunning(places);
  await stopServices(places);
  return { emulator: await stopEmulator(places), services };
};

export type LocalStatus = {
  readonly state: 'up' | 'partly-up' | 'down' | 'dead';
  readonly emulator: 'running' | 'dead' | 'none' | 'given';
  readonly services: boolean;
  readonly publicUrl: string | null;
  readonly endpoint: string | null;
  readonly issuers: { readonly people: string; readonly ci: string } | null;
  readonly people: readonly {
    readonly login: string;
    readonly id: string;
    readonly name: string;
    readonly address: string;
    readonly roles: readonly string[];
  }[];
  /** The one password of the invented people. */
  readonly password: string | null;
  readonly outputs: Outputs;
  readonly folder: string;
};

/** What is there; changes nothing. */
export const localStatus = ({ folder }: Where = {}): LocalStatus => {
  const places = localPlaces(folder);
  const ports = readJson(places.ports, portsSchema);
  const stage = readJson(places.stage, stageSchema);
  const deployed = standingNote(places);
  const found = emulatorState(places);
  const services = servicesRunning(places);
  const given = found.state === 'none' && deployed !== undefined && ports !== undefined && deployed.endpoint !== endpointAt(ports.emulator);
  const emulator = given ? 'given' : found.state;
  const answering = emulator === 'running' || emulator === 'given';
  return {
    state:
      emulator === 'dead'
        ? 'dead'
        : answering && services && deployed !== undefined
          ? 'up'
          : emulator === 'running' || services
            ? 'partly-up'
            : 'down',
    emulator,
    services,
    publicUrl: stage?.publicUrl ?? null,
    endpoint: found.state === 'none' ? (given ? deployed.endpoint : null) : found.endpoint,
    issuers: ports === undefined ? null : issuersAt(ports),
    people: (stage?.roster ?? []).map(({ id, name, address, roles }) => ({ login: subjects.get(id) ?? id, id, name, address, roles })),
    password: stage === undefined ? null : secretsOf(places).password,
    outputs: deployed?.outputs ?? {},
    folder: places.folder,
  };
};

/** The mails that the product handed over, oldest first. */
export const localMail = async ({ folder }: Where = {}): Promise<readonly LocalMail[]> => {
  const { emulator, endpoint } = localStatus({ folder });
  const answering = emulator === 'given' ? endpoint : await runningEmulator(localPlaces(folder));
  if (answering === null || answering === undefined)
    throw new LocalFault(
      'not-running',
      'No local stage is running, so there are no mails to read; start one with `npx holdpoint local up`.',
    );
  return readMailbox(answering);
};

/** A real signed token from the local provider: of a person by account, id or name, or of a CI job for `ci`. */
export const localToken = (who: string, { folder, actor }: Where & { readonly actor?: string } = {}): Promise<string> => {
  const places = localPlaces(folder);
  return who === 'ci' ? ciToken(places, actor) : personToken(places, who);
};
