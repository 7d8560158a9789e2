import type { Outcome } from '../../lib/outcome.ts';
import type { Dependencies } from '../../lib/ports.ts';
import type { World } from './world.ts';

/** Something that somebody does to a run. It is over when the client has its answer or has given up. */
export type Act = (world: World, run: string) => Promise<void>;

/**
 * Sends a request as a client does: it repeats what got no answer, always the same request, and some clients give up early. What was
 * acknowledged with the id of an event must be in the trail from then on.
 */
export const request = async <A>(
  world: World,
  who: 'ci' | 'people',
  label: string,
  work: (deps: Dependencies) => Promise<Outcome<A>>,
  tries = 1 + world.draws.below(3),
): Promise<A | undefined> => {
  for (let attempt = 1; attempt <= tries; attempt += 1) {
    const ended = await world.invoke(`api-${who}`, `${label} ${attempt}`, who === 'people' ? ['people'] : [], work);
    if ('ok' in ended) {
      const { ok, refused } = ended.ok;
      if (refused !== undefined) {
        world.say(label, `refused: ${refused.type}`);
        return undefined;
      }
      acknowledged(world, label, ok);
      return ok;
    }
    await world.timeline.sleep(world.draws.between(500, 20_000));
  }
  world.say(label, 'gave up');
  return undefined;
};

const acknowledged = (world: World, label: string, answer: unknown): void => {
  const event = (answer as { readonly event?: unknown } | null)?.event;
  if (typeof event !== 'string') return;
  world.say(label, `acknowledged ${event}`);
  const stored = [...world.stores.store.tables.values()].some((items) => [...items.values()].some((one) => one.event.id === event));
  if (!stored) world.violate('acknowledged-is-stored', `${label} was acknowledged with event ${event}, which the trail does not have`);
};
