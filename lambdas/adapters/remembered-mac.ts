import { sha256 } from '../../lib/canonical-json.ts';
import type { Clock, Mac } from '../../lib/ports.ts';

/** How long a MAC is taken as right without another request. After that a key that was disabled in an emergency vouches for nothing. */
export const rememberedMs = 5 * 60_000;
/** How many MACs a process remembers. */
const most = 1_000;

/**
 * A MAC of which a process asks once: a session is verified at each request of its browser, and a form comes back within minutes of its page.
 * Only what KMS has made or called right is remembered. What is wrong is asked about each time.
 */
export const createRememberedMac = ({ sign, verify }: Mac, clock: Clock): Mac => {
  /** Until when, oldest first. */
  const right = new Map<string, number>();
  const nameOf = (text: string, mac: string): string => `${sha256(text)}/${mac}`;
  const remember = (text: string, mac: string): void => {
    const name = nameOf(text, mac);
    right.delete(name);
    right.set(name, clock.now().getTime() + rememberedMs);
    const [oldest] = right.keys();
    if (right.size > most && oldest !== undefined) right.delete(oldest);
  };
  return {
    sign: async (text) => {
      const mac = await sign(text);
      remember(text, mac);
      return mac;
    },
    verify: async (text, mac) => {
      if ((right.get(nameOf(text, mac)) ?? 0) > clock.now().getTime()) return true;
      const isRight = await verify(text, mac);
      if (isRight) remember(text, mac);
      return isRight;
    },
  };
};
