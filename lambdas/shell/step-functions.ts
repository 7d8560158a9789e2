import { SFNClient } from '@aws-sdk/client-sfn';
import type { Workflow } from '../../lib/ports.ts';
import { createSfnWorkflow } from '../adapters/sfn-workflow.ts';

export const stepFunctions = (stateMachine: string): Workflow => createSfnWorkflow(new SFNClient({}), { stateMachine });
