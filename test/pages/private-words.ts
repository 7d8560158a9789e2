import { eventTypes } from '../../lib/audit/event.ts';
import { incidentId } from '../../lib/checklist/gates.ts';
import { roles } from '../../lib/roles.ts';
