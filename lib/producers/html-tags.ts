/** An attribute of a start tag in HTML, and how many lines stand above the tag. */
type Attribute = { readonly tag: string; readonly name: string; readonly value: string; readonly linesAbove: number };

const startTag = /<([a-z][a-z0-9-]*)((?:\s+[^\s"'>/=]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'=<>`]+))?)*)\s*\/?>/gi;
const attribute = /\s([^\s"'>/=]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+))/g;

/** Attributes of the start tags in a piece of HTML. What stands in a comment is no tag. */
function* attributesIn(html: string): Generator<Attribute> {
  const shown = withoutComments(html);
  for (const { 0: all, 1: tag = '', index } of shown.matchAll(startTag))
    for (const [, name = '', quoted, single, bare] of all.matchAll(attribute))
      yield {
        tag: tag.toLowerCase(),
        name: name.toLowerCase(),
        value: (quoted ?? single ?? bare ?? '').replaceAll('&amp;', '&').trim(),
        linesAbove: shown.slice(0, index).split('\n').length - 1,
      };
}

/** Comments become empty lines, so that places stay. */
const withoutComments = (html: string): string => html.replace(/<!--.*?(?:-->|$)/gs, (comment) => comment.replace(/[^\n]/g, ' '));

/** The names that a link can point to. */
export const htmlAnchors = (html: string): ReadonlySet<string> =>
  new Set([...attributesIn(html)].flatMap(({ tag, name, value }) => (name === 'id' || (name === 'name' && tag === 'a') ? [value] : [])));

/** Where links and pictures lead. */
export const htmlLinks = (html: string): readonly { readonly linesAbove: number; readonly link: string }[] =>
  [...attributesIn(html)].flatMap(({ tag, name, value, linesAbove }) =>
    (name === 'href' && tag === 'a') || (name === 'src' && tag === 'img') ? [{ linesAbove, link: value }] : [],
  );
