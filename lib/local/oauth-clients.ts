/** The resource indicator of API tokens; their audience is the one in the stage file. */
export const apiResource = 'urn:holdpoint:api';
/** The command line is a public client and signs in like a browser. */
export const cliClient = 'holdpoint-cli';
export const cliRedirect = 'http://127.0.0.1/callback';
export const ciClient = 'ci-holdpoint';
