import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { itemOf } from '../../lib/checklist/definition.ts';
import type { Finding } from '../../lib/query/view.ts';
import type { Page } from './page-server.ts';

/** What a person reads: without tags and style, with entities resolved; of each instant the exact words. */
export const textOf = ({ html }: Pick<Page, 'html'>): string =>
  html
    .replace(/<style>[\s\S]*?<\/style>|<span class="ago">[^<]*<\/span>|<[^>]+>/g, ' ')
    .replace(/&(lt|gt|quot|amp|#39);/g, (_, name: string) => ({ lt: '<', gt: '>', quot: '"', amp: '&', '#39': "'" })[name] ?? '')
    .replace(/\s+/g, ' ')
    .replace(/ ([.,:;])/g, '$1');
export const fieldOf = ({ html }: Page, name: string): string => new RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1] ?? '';

export const titleOf = (check: string): string => {
  const item = itemOf(baseChecklist, check);
  if (item === undefined) throw new Error(`the checklist has no check ${check}`);
  return item.title;
};

/** "6 checks: 4 pass, 2 for information only", counted from the findings. */
export const countsOf = (checks: readonly Finding[]): string => {
  const required = checks.filter(({ mode }) => mode === 'required');
  const counts = ['error', 'fail', 'inconclusive', 'missing', 'waived', 'not-applicable', 'pass']
    .map((verdict) => [required.filter((one) => one.verdict === verdict).length, verdict.replace('-', ' ')] as const)
    .concat([[checks.length - required.length, 'for information only']])
    .filter(([count]) => count > 0);
  return `${checks.length} checks: ${counts.map(([count, word]) => `${count} ${word}`).join(', ')}`;
};
