import type { Role } from './roles.ts';

/** Writes the mails: what is asked, of whom, where. Pure. */
export type Notification =
  | {
      readonly kind: 'approval-requested';
      readonly run: string;
      readonly service: string;
      readonly environment: string;
      readonly version: string;
      readonly gateTitle: string;
      readonly role: Role;
      readonly name: string;
      readonly url: string;
      readonly expires: string;
      readonly code: string;
    }
  | {
      readonly kind: 'deployment-announced';
      readonly run: string;
      readonly service: string;
      readonly environment: string;
      readonly version: string;
      readonly plannedT0: string;
      readonly name: string;
      readonly url: string;
    }
  | {
      readonly kind: 'gate-overdue';
      readonly run: string;
      readonly service: string;
      readonly environment: string;
      readonly version: string;
      readonly gateTitle: string;
      readonly reasons: readonly string[];
      readonly name: string;
      readonly url: string;
    }
  | {
      readonly kind: 'incident-opened';
      readonly run: string;
      readonly service: string;
      readonly environment: string;
      readonly version: string;
      readonly interrupted: string;
      readonly name: string;
      readonly url: string;
    };
export type RenderNotification = (notification: Notification) => { readonly subject: string; readonly text: string; readonly html: string };
