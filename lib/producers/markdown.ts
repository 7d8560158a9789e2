import GithubSlugger from 'github-slugger';
import type { Nodes } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';

/** What a Markdown file (CommonMark) says: for the record about a document. */
export type MarkdownFile = {
  /** Words of its text, without code and addresses. */
  readonly words: number;
  readonly headings: readonly string[];
  /** Names that a link can point to, as GitHub makes them from headings. */
  readonly anchors: ReadonlySet<string>;
  readonly links: readonly { readonly line: number; readonly link: string }[];
  /** Lines that say that something is still to be written. */
  readonly placeholders: readonly { readonly line: number; readonly found: string }[];
};

const placeholder = /\b(?:TODO|TBD|FIXME|XXX)\b|\blorem ipsum\b|\b(?:to be (?:written|done|defined|added)|coming soon|work in progress)\b/i;
const lower = /\b(?:todo|tbd|fixme|xxx)\b/;

export const markdownFileOf = (source: string): MarkdownFile => {
  const slugger = new GithubSlugger();
  const anchors = new Set<string>();
  const headings: string[] = [];
  const links: { line: number; link: string }[] = [];
  const placeholders: { line: number; found: string }[] = [];
  let words = 0;
  const visit = (node: Nodes): void => {
    const line = node.position?.start.line ?? 1;
    if (node.type === 'heading') {
      const title = textOf(node);
      headings.push(title);
      anchors.add(slugger.slug(title));
    }
    if (node.type === 'html')
      for (const [, link = ''] of node.value.matchAll(/<(?:a|img)\b[^>]*?\s(?:href|src)\s*=\s*["']([^"']+)["']/gi))
        links.push({ line, link });
    if (node.type === 'html') for (const [, id = ''] of node.value.matchAll(/\b(?:id|name)\s*=\s*["']([^"']+)["']/g)) anchors.add(id);
    if (node.type === 'link' || node.type === 'image' || node.type === 'definition') links.push({ line, link: node.url });
    if (node.type === 'text') {
      words += node.value.match(/[\p{L}\p{N}][\p{L}\p{N}'’.-]*/gu)?.length ?? 0;
      for (const [place, one] of node.value.split('\n').entries()) {
        const [found] = placeholder.exec(one) ?? [];
        // "Xxx" and "todo list" are words of their own; written in capitals, or as a phrase, they ask for work.
        if (found !== undefined && !lower.test(found)) placeholders.push({ line: line + place, found });
      }
    }
    if ('children' in node) for (const child of node.children) visit(child);
  };
  visit(fromMarkdown(source));
  return { words, headings, anchors, links, placeholders };
};

const textOf = (node: Nodes): string => {
  if ('value' in node) return node.value;
  return 'children' in node ? node.children.map(textOf).join('') : '';
};
