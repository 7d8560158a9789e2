import { alarmTest } from './alarm-test.ts';
import { backup } from './backup.ts';
import { baseline } from './baseline.ts';
import { comparison } from './comparison.ts';
import { dashboard } from './dashboard.ts';
import { dataCheck } from './data-check.ts';
import { delivery } from './delivery.ts';
import { document } from './document.ts';
import { drill } from './drill.ts';
import { feedback } from './feedback.ts';
import { heartbeat } from './heartbeat.ts';
import { issues } from './issues.ts';
import type { RecordKind } from './kind.ts';
import { migration } from './migration.ts';
import { pipeline } from './pipeline.ts';
import { ports } from './ports.ts';
import { query } from './query.ts';
import { readBack } from './read-back.ts';
import { registryPull } from './registry-pull.ts';
import { resources } from './resources.ts';
import { reviews } from './reviews.ts';
import { routes } from './routes.ts';
import { scaling } from './scaling.ts';
import { schedule } from './schedule.ts';
import { usage } from './usage.ts';

/** Every kind of record. Parser, rules, JSON Schemas and the README derive from it. */
export const recordKinds = [
  document,
  backup,
  dataCheck,
  migration,
  drill,
  ports,
  resources,
  registryPull,
  readBack,
  routes,
  pipeline,
  reviews,
  delivery,
  alarmTest,
  heartbeat,
  query,
  dashboard,
  comparison,
  baseline,
  usage,
  scaling,
  schedule,
  issues,
  feedback,
] as const;

type Kinds = (typeof recordKinds)[number];
export type RecordId = Kinds['id'];

export const recordOf = (id: string): RecordKind | undefined => recordKinds.find((one) => one.id === id);
