/** The resource that asks for a token of the API; its audience is the one that the stage names. */
export const apiResource = 'urn:holdpoint:api';
/** The command line as a public client: it signs in as browsers do. */
export const cliClient = 'holdpoint-cli';
export const cliRedirect = 'http://127.0.0.1/callback';
export const ciClient = 'ci-holdpoint';
