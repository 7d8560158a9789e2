import { states } from './console-states.ts';
import { inBrowser } from './in-browser.ts';

inBrowser('the console in Chromium', states, () => undefined);
