import { refusalStatus } from '../../lib/api/problem.ts';
import { checklistPage } from '../../lib/console/checklist.ts';
import { brief } from '../../lib/console/form-field.ts';
import { pageResponse } from '../../lib/console/layout.ts';
import type { PageHandlers } from '../../lib/console/serve.ts';
import { ok } from '../../lib/outcome.ts';
import { checklistGroupings, readChecklistView } from '../../lib/query/checklist-view.ts';
import type { AuditParts } from './audit.ts';

const form = /^[0-9a-f]{64}$/;
const wrongForm = 'The digest of a checklist has 64 signs: 0 to 9 and a to f.';
const isCurrent = 'This is the current checklist.';

/** The checklist, and its comparison with another one. What is wrong in the address is said on the page; a wrong digest to compare with, beside its field. */
export const checklistPages = (deps: AuditParts['deps']): Pick<PageHandlers<'audit'>, 'showChecklist'> => {
  const names = (id: string): string => deps.roster.person(id)?.name ?? id;
  return {
    showChecklist: async ({ query: { by: grouping = '', digest = '', diff: typed = '' }, caller }) => {
      const known = checklistGroupings.find((one) => one === grouping);
      const by = known ?? 'phase';
      const asked = await readChecklistView(deps, { by, ...(form.test(digest) ? { digest } : {}) });
      const shown = asked.refused === undefined ? asked : await readChecklistView(deps, { by });
      if (shown.refused !== undefined) return shown;
      const wrong: readonly (readonly [says: string, status: number])[] = [
        ...(known !== undefined || grouping === ''
          ? []
          : [[`There is no grouping by “${brief(grouping)}”: choose ${checklistGroupings.join(', ')}.`, 400] as const]),
        ...(digest === '' || form.test(digest) ? [] : [[`${wrongForm} ${isCurrent}`, 400] as const]),
        ...(asked.refused === undefined ? [] : [[`${asked.refused.detail} ${isCurrent}`, refusalStatus[asked.refused.type]] as const]),
      ];
      const says = wrong.length === 0 ? undefined : wrong.map(([sentence]) => sentence).join(' ');
      const status = wrong[0]?.[1] ?? 200;
      const again = (slip: string, code: number) =>
        pageResponse(checklistPage(names(caller.id), shown.ok, { typed: { diff: typed, says: slip }, says }), code);
      const diff = typed.trim();
      if (diff === '') return ok(await pageResponse(checklistPage(names(caller.id), shown.ok, { says }), status));
      if (!form.test(diff)) return ok(await again(wrongForm, 400));
      const compared = await readChecklistView(deps, { by, ...(shown.ok.isCurrent ? {} : { digest }), diff });
      return ok(
        compared.refused === undefined
          ? await pageResponse(checklistPage(names(caller.id), compared.ok, { says }), status)
          : await again(compared.refused.detail, refusalStatus[compared.refused.type]),
      );
    },
  };
};
