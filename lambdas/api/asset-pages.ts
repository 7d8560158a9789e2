import { unknownRoute } from '../../lib/api/not-found.ts';
import { pages } from '../../lib/api/pages.ts';
import { problemOf } from '../../lib/api/problem.ts';
import { type PageHandlers, problemPageResponse } from '../../lib/console/serve.ts';
import { style, styleFile } from '../../lib/console/style.ts';
import { scriptFile, scriptText } from '../../lib/console-script.ts';

/** `isKept`: for a year, as long as a browser may keep anything, because the address names the text by its digest. */
const headersOf = (type: 'javascript' | 'css', isKept: boolean) => ({
  'content-type': `text/${type}; charset=utf-8`,
  'cache-control': isKept ? 'public, max-age=31536000, immutable' : 'no-store',
  'content-security-policy': "default-src 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
});

/**
 * Script and stylesheet of the pages, for everybody. A page of another version asks for names that are unknown here: it works without its
 * script, and would be hard to read without a style, so it gets this one.
 */
export const assetPages: Pick<PageHandlers<'people'>, 'readScript' | 'readStyle'> = {
  readScript: async ({ req, env }) =>
    req.param('file') === scriptFile
      ? new Response(scriptText, { headers: headersOf('javascript', true) })
      : problemPageResponse(problemOf(unknownRoute(req.method, req.path).refused, env.request), null),
  readStyle: async ({ req, env }) => {
    const asked = pages.readStyle.params.safeParse(req.param());
    return asked.success
      ? new Response(style, { headers: headersOf('css', asked.data.file === styleFile) })
      : problemPageResponse(problemOf(unknownRoute(req.method, req.path).refused, env.request), null);
  },
};
