import { canonical, digestOf } from '../../lib/canonical-json.ts';
import { type Checklist, checklistSchema } from '../../lib/checklist/definition.ts';
import { IntegrityFault } from '../../lib/outcome.ts';
import type { Definitions, EvidenceStore } from '../../lib/ports.ts';

const scope = 'definitions';

/**
 * The current definition from code, and published ones from the evidence bucket under their digest. A definition never changes under its
 * digest, so one that was read is cached.
 */
export const createDefinitions = (
  evidence: EvidenceStore,
  current: { readonly checklist: Checklist; readonly digest: string; readonly graph: string },
): Definitions => {
  const known = new Map<string, Checklist>([[current.digest, current.checklist]]);
  return {
    current: () => current,
    read: async (digest) => {
      const kept = known.get(digest);
      if (kept !== undefined) return kept;
      const bytes = await evidence.get(scope, digest);
      if (bytes === undefined) return undefined;
      const checklist = parse(digest, bytes);
      known.set(digest, checklist);
      return checklist;
    },
    publish: async (checklist = current.checklist) => {
      const digest = digestOf(checklist);
      if (checklist === current.checklist && digest !== current.digest)
        throw new IntegrityFault(`definition ${current.digest}: the checklist has digest ${digest}`);
      await evidence.put(scope, digest, Buffer.from(canonical(checklist)), 'application/json');
      known.set(digest, checklist);
    },
  };
};

const parse = (digest: string, bytes: Uint8Array): Checklist => {
  const parsed = checklistSchema.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  // The digest matched, so the bytes are intact: this version of the code cannot read them.
  if (!parsed.success)
    throw new Error(`definition ${digest}: the stored bytes do not parse as a checklist of this version`, { cause: parsed.error });
  return parsed.data;
};
