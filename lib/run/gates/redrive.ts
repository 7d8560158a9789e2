import { type DeadLetters, type DeadMessage, type Dependencies, deadLetterQueues, type Functions } from '../../ports.ts';
import { counted } from '../../wording.ts';
import { type Receivers, readDead, uncounted } from './dead-message.ts';

/** How long a message waits in its queue before it is redriven for the first, the second and the third time, in minutes. */
const waits = [0, 10, 60] as const;
/** After so many minutes in its queue, a message that its function does not take waits for a person: many would keep the others from being read. */
const handedMost = 60;
/** How often one sweep asks a queue for ten messages. An empty queue is asked once. */
const asksMost = 5;

export type RedriveDependencies = Pick<Dependencies, 'clock'> & {
  readonly deadLetters: DeadLetters;
  readonly functions: Functions;
  readonly receivers: Receivers;
};

/** How many messages went back to their functions, how many wait for a person, and why. */
export type Redriven = { readonly redriven: number; readonly parked: readonly string[] };

/**
 * Hands messages of the dead-letter queues to their functions again, three times within some seventy minutes; then they wait in the parking
 * queue for a person. A message is removed after its function took it, so that a crash in between hands it over twice: the functions
 * record an event once. One that a function does not take stays in its queue for an hour, and is parked then: it may be one that no function
 * ever takes. The fault is thrown at the end.
 */
export const redrive = async (deps: RedriveDependencies): Promise<Redriven> => {
  const done: Outcome[] = [];
  const faults: unknown[] = [];
  for (const queue of deadLetterQueues)
    try {
      for (let asked = 0; asked < asksMost; asked += 1) {
        const messages = await deps.deadLetters.receive(queue);
        if (messages.length === 0) break;
        for (const one of await Promise.allSettled(messages.map((message) => redriveOne(deps, message))))
          if (one.status === 'fulfilled') done.push(one.value);
          else faults.push(one.reason);
      }
    } catch (fault) {
      faults.push(fault);
    }
  if (faults.length > 0) throw faults[0];
  return {
    redriven: done.filter((one) => one === 'redriven').length,
    parked: done.flatMap((one) => (typeof one === 'object' ? one.parked : [])),
  };
};

type Outcome = 'redriven' | 'waits' | 'done' | { readonly parked: string };

const redriveOne = async ({ clock, deadLetters, functions, receivers }: RedriveDependencies, message: DeadMessage): Promise<Outcome> => {
  const park = async (why: string): Promise<Outcome> => {
    await deadLetters.park(message, uncounted(message.body));
    await deadLetters.remove(message);
    return { parked: why };
  };
  const found = readDead(receivers, message);
  if ('park' in found) return park(found.park);
  if ('done' in found) {
    await deadLetters.remove(message);
    return 'done';
  }
  const minutes = waits[found.redriven];
  if (minutes === undefined) return park(`redriven ${counted(found.redriven, 'time')}`);
  // It becomes visible again by itself, and the sweep of that minute asks again.
  const isOlderThan = (limit: number): boolean => clock.now().getTime() >= Date.parse(message.sentAt) + limit * 60_000;
  if (!isOlderThan(minutes)) return 'waits';
  try {
    await functions.invoke(found.to, { ...found.event, redriven: found.redriven + 1 });
  } catch (fault) {
    if (!isOlderThan(minutes + handedMost)) throw fault;
    return park(`its function did not take it for ${counted(handedMost, 'minute')}: ${String(fault).slice(0, 200)}`);
  }
  await deadLetters.remove(message);
  return 'redriven';
};
