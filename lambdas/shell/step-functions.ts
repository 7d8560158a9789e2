import { SFNClient } from '@aws-sdk/client-sfn';
import type { Workflow } from '../../lib/ports.ts';
import { inTime, sdkTimes } from '../adapters/in-time.ts';
import { createSfnWorkflow } from '../adapters/sfn-workflow.ts';
import { leftMs } from './time-left.ts';

export const stepFunctions = (stateMachine: string): Workflow =>
  createSfnWorkflow(inTime(new SFNClient({ requestHandler: sdkTimes }), leftMs), { stateMachine });
