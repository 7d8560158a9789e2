import { describe, expect, it } from 'vitest';
import { digestOf, sha256 } from '../../lib/canonical-json.ts';
import type { Checklist } from '../../lib/checklist/definition.ts';
import { rollbackPath } from '../../lib/checklist/phases/rollback.ts';
import type { Definitions } from '../../lib/ports.ts';

/** The smallest checklist that the schema takes. */
export const smallChecklist: Checklist = {
  name: 'small',
  version: '1.0.0',
  deviations: [],
  rollback: rollbackPath,
  incident: { role: 'incident', id: 'incident', title: 'Incident', deadlineSeconds: 3600, maxResumes: 1 },
  gates: [{ role: 'evidence', id: 'phase-1', title: 'Phase 1', deadlineSeconds: 3600, onDeadline: 'expired' }],
  items: [
    {
      id: 'training',
      kind: 'check',
      phase: 1,
      group: 'team',
      gate: 'phase-1',
      words: 'Team training completed',
      title: 'Team trained',
      owner: 'technical-lead',
      proof: 'A person says so.',
      controls: [],
      maxAgeSeconds: null,
      source: 'document',
      mode: 'required',
      rule: { kind: 'attested/1', evidence: 'attestation', role: 'technical-lead' },
      scope: 'run',
      after: null,
      waivable: true,
      optional: false,
    },
  ],
};
export const laterChecklist: Checklist = { ...smallChecklist, version: '1.1.0' };

/** `of` gives the definitions as code with that current checklist sees them; all share one storage. */
export const definitionsContract = (of: () => (checklist: Checklist) => Definitions): void => {
  describe('definitions', () => {
    it('reads its own, published or not', async () => {
      const own = of()(laterChecklist);
      expect(own.current()).toMatchObject({ checklist: laterChecklist, digest: digestOf(laterChecklist) });
      expect(await own.read(digestOf(laterChecklist))).toEqual(laterChecklist);
    });

    it('reads what an earlier version of the code published, and nothing else', async () => {
      const [earlier, now] = [of()(smallChecklist), of()(laterChecklist)];
      expect(await now.read(sha256('nothing'))).toBeUndefined();
      expect(await now.read(digestOf(smallChecklist))).toBeUndefined();
      await earlier.publish();
      await earlier.publish();
      expect(await now.read(digestOf(smallChecklist))).toEqual(smallChecklist);
    });
  });
};
