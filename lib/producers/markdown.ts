import GithubSlugger from 'github-slugger';
import type { Nodes } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { jsonOrYaml } from '../evidence/yaml.ts';
import { htmlAnchors, htmlLinks } from './html-tags.ts';

/** What a Markdown file (CommonMark) says: for the record about a document. */
export type MarkdownFile = {
  /** Words of its text, without code and addresses. */
  readonly words: number;
  readonly headings: readonly string[];
  /** Names that a link can point to, as GitHub makes them from headings. */
  readonly anchors: ReadonlySet<string>;
  /** `isUndefined`: nothing says where it leads. */
  readonly links: readonly { readonly line: number; readonly link: string; readonly isUndefined?: true }[];
  /** Lines that say that something is still to be written. */
  readonly placeholders: readonly { readonly line: number; readonly found: string }[];
};

/** "Xxx" and "todo list" are words of their own; in capitals, before a colon, or as a phrase, they ask for work. */
const placeholders = [
  /\b(?:TODO|TBD|FIXME|XXX)\b|\b(?:[Tt]odo|[Tt]bd|[Ff]ixme)(?=\s*:)/g,
  /\b(?:lorem\s+ipsum|to\s+be\s+(?:written|done|defined|added)|coming\s+soon|work\s+in\s+progress)\b/gi,
];

/** `[text][label]` whose label nothing defines: readers see the brackets. Code such as `list[0][1]` has a word before them. */
const undefinedReference = /(?<![\w\\\])!])!?\[[^[\]\n]+\]\[([^[\]\n]+)\]/g;

/** Quotes and lists within each other, deeper than anybody writes: the parser takes quadratic time for them. */
const deepNesting = /^((?:[ \t]*(?:[-*+>]|\d{1,9}[.)])){100})(?:[ \t]*(?:[-*+>]|\d{1,9}[.)]))+/gm;

type Place = { readonly line: number };
type Found = {
  words: number;
  readonly headings: string[];
  readonly anchors: Set<string>;
  readonly links: { line: number; link: string; isUndefined?: true }[];
  readonly placeholders: { line: number; found: string }[];
};

export const markdownFileOf = (written: string): MarkdownFile => {
  const source = withoutFrontMatter(written).replace(deepNesting, '$1');
  const slugger = new GithubSlugger();
  const found: Found = { words: 0, headings: [], anchors: new Set(), links: [], placeholders: [] };
  const visit = (node: Nodes): void => {
    const line = node.position?.start.line ?? 1;
    if (node.type === 'heading') {
      const title = textOf(node);
      found.headings.push(title);
      found.anchors.add(slugger.slug(title));
    }
    if (node.type === 'html') readHtml(node.value, { line }, found);
    // A definition that begins with ^ is a footnote of GitHub, and one of # a comment.
    if (node.type === 'definition' && !node.identifier.startsWith('^') && node.url !== '') found.links.push({ line, link: node.url });
    if (node.type === 'link' || node.type === 'image')
      found.links.push({ line, link: node.url || '(nowhere)', ...(node.url === '' ? { isUndefined: true } : {}) });
    if (node.type === 'image') addPlaceholders(node.alt ?? '', { line }, found);
    if (node.type === 'text') {
      found.words += node.value.match(/[\p{L}\p{N}][\p{L}\p{N}'’.-]*/gu)?.length ?? 0;
      addPlaceholders(node.value, { line }, found);
      const raw = source.slice(node.position?.start.offset, node.position?.end.offset);
      for (const { 0: link, index } of raw.matchAll(undefinedReference))
        found.links.push({ line: line + linesIn(raw.slice(0, index)), link, isUndefined: true });
    }
    if ('children' in node) for (const child of node.children) visit(child);
  };
  visit(fromMarkdown(source));
  return found;
};

/** People also leave notes for themselves in comments, which readers do not see. */
const readHtml = (html: string, { line }: Place, found: Found): void => {
  for (const id of htmlAnchors(html)) found.anchors.add(id);
  for (const { linesAbove, link } of htmlLinks(html)) found.links.push({ line: line + linesAbove, link });
  addPlaceholders(html, { line }, found);
};

const addPlaceholders = (text: string, { line }: Place, found: Found): void => {
  for (const { 0: words, index } of placeholders.flatMap((placeholder) => [...text.matchAll(placeholder)]))
    found.placeholders.push({ line: line + linesIn(text.slice(0, index)), found: words.replace(/\s+/g, ' ') });
};

const linesIn = (text: string): number => text.split('\n').length - 1;

/** Front matter (YAML between `---`, TOML between `+++`) is no part of the text. Its lines stay empty, so that places stay. */
const withoutFrontMatter = (source: string): string => {
  const [all = '', fence = '', inner = ''] = /^\uFEFF?(---|\+\+\+)[ \t]*\r?\n(.*?)(?:^\1[ \t]*(?:\r?\n|$))/ms.exec(source) ?? [];
  const isFrontMatter = fence === '+++' || (fence === '---' && isMapping(jsonOrYaml(inner)));
  return isFrontMatter ? all.replace(/[^\n]/g, '') + source.slice(all.length) : source;
};

const isMapping = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

const textOf = (node: Nodes): string => {
  if ('value' in node) return node.value;
  return 'children' in node ? node.children.map(textOf).join('') : '';
};
