import { eventHandler } from './shell/event-handler.ts';

export const handler = eventHandler('event-actuator', async () => ({ declined: 'not built yet' }));
