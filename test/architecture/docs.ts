import { readFileSync, writeFileSync } from 'node:fs';
import { holdpointFeedText } from '../../lib/stack/holdpoint-feed-template.ts';
import { seriesSchemaText, withTables } from './table.ts';

const readme = new URL('../../README.md', import.meta.url);
writeFileSync(new URL('../../lib/evidence/schemas/holdpoint-series-1.json', import.meta.url), seriesSchemaText());
writeFileSync(new URL('../../lib/stack/holdpoint-feed.yaml', import.meta.url), holdpointFeedText());
writeFileSync(readme, withTables(readFileSync(readme, 'utf8')));
