import { MachineFault } from '../cli/io.ts';

/** Everything that can be wrong with this machine or its local stage, with the title of its error. */
const faultTitles = {
  'endpoint-refused': 'Endpoint not used',
  'folder-damaged': "A file of the local stage's folder is damaged",
  'folder-unusable': "The local stage's folder cannot be used",
  'disk-full': 'Disk full',
  'data-incompatible': 'The stored data is of another version',
  'data-lost': 'Data not saved',
  'still-running': 'Data not deleted',
  busy: 'Already running here',
  'python-missing': 'Python not found',
  'python-environment': 'Python environment not created',
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

/** Something on this machine keeps the local stage from working. The message says what is wrong and what to do. */
export class LocalFault extends MachineFault {
  override readonly name = 'LocalFault';

  constructor(type: FaultType, detail: string, options?: ErrorOptions) {
    super(type, faultTitles[type], detail, options);
  }
}
