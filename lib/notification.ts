import type { Role } from './roles.ts';

/** The run that a notification is about, the name of its reader, and the page that it links to. */
type About = {
  readonly run: string;
  readonly service: string;
  readonly environment: string;
  readonly version: string;
  readonly name: string;
  readonly url: string;
};

/** What Holdpoint tells people by mail. Instants are ISO 8601 in UTC. */
export type Notification = About &
  (
    | {
        readonly kind: 'approval-requested';
        readonly gateTitle: string;
        readonly role: Role;
        readonly expires: string;
        readonly code: string;
        /** From 2 people are asked again because the report has changed. */
        readonly round: number;
      }
    /** A waiver, or without `until` a declaration as not applicable, after the report of the gate was signed. */
    | {
        readonly kind: 'exception-recorded';
        readonly gateTitle: string;
        readonly checkTitle: string;
        readonly by: string;
        readonly at: string;
        readonly until: string | null;
      }
    | { readonly kind: 'deployment-announced'; readonly plannedT0: string }
    | { readonly kind: 'gate-overdue'; readonly gateTitle: string; readonly reasons: readonly string[] }
    | { readonly kind: 'incident-opened'; readonly interrupted: string }
  );

/** Writes the mail of a notification. Pure. */
export type RenderNotification = (notification: Notification) => { readonly subject: string; readonly text: string; readonly html: string };
