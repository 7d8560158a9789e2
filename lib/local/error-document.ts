/** What can be wrong with this machine or its local stage, with short titles. */
const faultTitles = {
  'endpoint-refused': 'Endpoint not used',
  'folder-damaged': "The local stage's folder is damaged",
  'folder-unusable': "The local stage's folder cannot be written",
  busy: 'Already at work here',
  'python-missing': 'Python not found',
  'python-environment': 'Python environment not made',
  network: 'No network',
  'port-taken': 'Port in use',
  'emulator-dead': 'The local AWS is not running',
  'emulator-failed': 'The local AWS did not start',
  'deploy-failed': 'Not deployed',
  'services-failed': 'The local services did not start',
  'not-running': 'No local stage is running',
  'endpoint-silent': 'The AWS endpoint does not answer',
  'person-unknown': 'No such person in the local roster',
  interrupted: 'Interrupted',
  'sign-in': 'The local sign-in failed',
} as const;
export type FaultType = keyof typeof faultTitles;

/** Something on this machine is not as the local stage needs it: a sentence that says what, and what to do. */
export class LocalFault extends Error {
  override readonly name = 'LocalFault';
  readonly type: FaultType;
  readonly title: string;

  constructor(type: FaultType, detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.type = type;
    this.title = faultTitles[type];
  }
}

/** How a failed command is told in JSON: `{ error }`, on stdout. */
export type Told = { readonly type: string; readonly title: string; readonly detail: string };

/** What was thrown as the sentence that is printed. What nobody foresaw is told as well, and is `fault`. */
export const told = (thrown: unknown, title: string): Told =>
  thrown instanceof LocalFault
    ? { type: thrown.type, title: thrown.title, detail: thrown.message }
    : { type: 'fault', title, detail: thrown instanceof Error ? thrown.message : String(thrown) };
