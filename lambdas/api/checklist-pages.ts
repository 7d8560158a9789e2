import { refusalStatus } from '../../lib/api/problem.ts';
import { checklistPage } from '../../lib/console/checklist.ts';
import { pageResponse } from '../../lib/console/layout.ts';
import type { PageHandlers } from '../../lib/console/serve.ts';
import { ok, refuse } from '../../lib/outcome.ts';
import { readChecklistView } from '../../lib/query/checklist-view.ts';
import type { AuditParts } from './audit.ts';

const form = /^[0-9a-f]{64}$/;
const wrongForm = 'The digest of a checklist has 64 signs: 0 to 9 and a to f.';

/** The checklist, and its comparison with another one. A wrong digest is shown again, with what was wrong beside the field. */
export const checklistPages = (deps: AuditParts['deps']): Pick<PageHandlers<'audit'>, 'showChecklist'> => {
  const names = (id: string): string => deps.roster.person(id)?.name ?? id;
  return {
    showChecklist: async ({ query: { by, digest = '', diff: typed = '' }, caller }) => {
      if (digest !== '' && !form.test(digest))
        return refuse('parameter-invalid', wrongForm, { got: digest.slice(0, 100), fix: 'Open the checklist from the page of a run.' });
      const shown = await readChecklistView(deps, { by, ...(digest === '' ? {} : { digest }) });
      if (shown.refused !== undefined) return shown;
      const diff = typed.trim();
      const again = (says: string, status: number) =>
        pageResponse(checklistPage(names(caller.id), shown.ok, { diff: typed, says }), status);
      if (diff === '') return ok(await pageResponse(checklistPage(names(caller.id), shown.ok)));
      if (!form.test(diff)) return ok(await again(wrongForm, 400));
      const compared = await readChecklistView(deps, { by, ...(digest === '' ? {} : { digest }), diff });
      return ok(
        compared.refused === undefined
          ? await pageResponse(checklistPage(names(caller.id), compared.ok))
          : await again(compared.refused.detail, refusalStatus[compared.refused.type]),
      );
    },
  };
};
