import type { Targets } from '../checklist/targets.ts';
import type { PlatformReader } from './ports.ts';

/** What a component's platform runs. `digest` is null where it cannot be read; `detail` says why. */
export type ReadBack = {
  readonly component: string;
  readonly digest: string | null;
  readonly reference: string | null;
  readonly detail: string;
};

export const readBack = async (
  { platform }: { readonly platform: PlatformReader },
  { component, platform: place }: Targets['components'][number],
): Promise<ReadBack> => {
  if (place.kind === 'reported')
    return { component, digest: null, reference: null, detail: 'the platform of this component cannot be read: what CI reports counts' };
  const running = await platform.running(place);
  if ('failed' in running) return { component, digest: null, reference: null, detail: running.failed };
  return {
    component,
    ...running,
    detail: `read from ${place.kind === 'lambda-alias' ? `the alias ${place.alias}` : `the service ${place.service}`}`,
  };
};
