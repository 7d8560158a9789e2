import { eventHandler } from './shell/event-handler.ts';

export const handler = eventHandler('event-collector', async () => ({ declined: 'not built yet' }));
