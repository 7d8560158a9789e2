import { unknownRoute } from '../../lib/api/not-found.ts';
import { problemOf } from '../../lib/api/problem.ts';
import { type PageHandlers, problemPageResponse } from '../../lib/console/serve.ts';
import { scriptFile, scriptText } from '../../lib/console-script.ts';

/** A year, as long as a browser may keep anything: the address names the text by its digest. */
const headers = {
  'content-type': 'text/javascript; charset=utf-8',
  'cache-control': 'public, max-age=31536000, immutable',
  'content-security-policy': "default-src 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
};

/** The script of the pages, for everybody. A page of another version asks for a name that is unknown here, and works without it. */
export const scriptPage: Pick<PageHandlers<'people'>, 'readScript'> = {
  readScript: async ({ req, env }) =>
    req.param('file') === scriptFile
      ? new Response(scriptText, { headers })
      : problemPageResponse(problemOf(unknownRoute(req.method, req.path).refused, env.request), null),
};
