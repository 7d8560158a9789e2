import type { Listed } from '../cli/commands.ts';

/** The commands of the local stage. Their modules are loaded when they are used, because they bring the CDK and a server. */
export const localCommands: readonly Listed[] = [
  {
    name: 'local up',
    summary: 'set up a local AWS, deploy Holdpoint to it, start sign-in and pages',
    load: async () => (await import('./stage-commands.ts')).up,
  },
  {
    name: 'local down',
    summary: 'stop what up started, and save its data',
    load: async () => (await import('./stage-commands.ts')).down,
  },
  {
    name: 'local reset',
    summary: 'delete the saved data of a stage that is down',
    load: async () => (await import('./stage-commands.ts')).reset,
  },
  {
    name: 'local status',
    summary: 'show what is running, its addresses, and who can sign in',
    load: async () => (await import('./stage-commands.ts')).status,
  },
  {
    name: 'local mail',
    summary: 'show the mails that SES would have sent',
    load: async () => (await import('./stage-commands.ts')).mail,
  },
  {
    name: 'local token',
    summary: 'print a signed token of a local person or of a CI job',
    load: async () => (await import('./stage-commands.ts')).token,
  },
  {
    name: 'local demo',
    summary: 'what npm start runs: up, then one complete release, and one that is taken back',
    load: async () => (await import('./demo/index.ts')).demo,
  },
];
