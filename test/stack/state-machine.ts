import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { gateGraphOf } from '../../lib/checklist/gate-graph.ts';
import { choiceOf, type State } from '../../lib/stack/states-language.ts';
import { ofType, realStage, resourcesOf, templatesOf } from './synthesised.ts';

type Deployed = { StartAt: string; States: Record<string, State> };
export const opener = 'arn:aws:lambda:eu-central-1:111122223333:function:opener';

/** The definition as it is deployed: out of the template, not out of the generator, with what CloudFormation puts in. */
export const deployed = (stage = realStage, partition = 'aws'): Deployed => {
  const [machine] = ofType(resourcesOf(templatesOf(stage).app), 'AWS::StepFunctions::StateMachine');
  if (machine === undefined) throw new Error('no state machine');
  const { DefinitionString, DefinitionSubstitutions } = machine[1].Properties as {
    DefinitionString: { 'Fn::Join': readonly [string, readonly (string | { readonly Ref: string })[]] };
    DefinitionSubstitutions: Record<string, object>;
  };
  const [by, parts] = DefinitionString['Fn::Join'];
  const joined = parts
    .map((part) => (typeof part === 'string' ? part : part.Ref === 'AWS::Partition' ? partition : `unknown ${part.Ref}`))
    .join(by);
  const put = Object.keys(DefinitionSubstitutions).reduce((text, name) => text.replaceAll('$'.concat(`{${name}}`), opener), joined);
  return JSON.parse(put) as Deployed;
};

export const graph = gateGraphOf(baseChecklist);
export const definition = deployed();
export const states = Object.entries(definition.States);
export const tasks = states.filter((entry): entry is [string, Extract<State, { Type: 'Task' }>] => entry[1].Type === 'Task');
export const choices = states.filter((entry): entry is [string, Extract<State, { Type: 'Choice' }>] => entry[1].Type === 'Choice');
const t0 = baseChecklist.gates.findIndex(({ role }) => role === 't0');
export const afterT0: readonly string[] = baseChecklist.gates.slice(t0 + 1).map(({ id }) => id);
export const wayBack: readonly string[] = baseChecklist.rollback.gates.map(({ id }) => id);
export const decision = 'rollback-decision';
export const isEnd = (state: State | undefined): boolean => state?.Type === 'Succeed' || state?.Type === 'Fail';

export const choiceAt = (gate: string): Extract<State, { Type: 'Choice' }> => {
  const choice = definition.States[choiceOf(gate)];
  if (choice?.Type !== 'Choice') throw new Error(`no choice after ${gate}`);
  return choice;
};
/** Where an answer leads that names no gate. */
export const answered = (gate: string, outcome: string): string | undefined =>
  choiceAt(gate).Choices.find((rule) => rule.StringEquals === outcome)?.Next;
/** Where an answer leads that names a gate: the outcome, the named gate, the next state. */
export const ledBack = (gate: string): readonly (readonly (string | undefined)[])[] =>
  choiceAt(gate).Choices.flatMap(({ And, Next }) => {
    if (And === undefined) return [];
    const equal = (variable: string) => And.find((rule) => rule.Variable === variable && rule.StringEquals !== undefined)?.StringEquals;
    return [[equal('$.outcome'), equal('$.resume'), Next]];
  });

/** Where a state leads, by every way. */
export const nextOf = (state: State | undefined): readonly string[] => {
  if (state?.Type === 'Task') return [state.Next, ...state.Catch.map((catcher) => catcher.Next)];
  if (state?.Type === 'Choice') return [state.Default, ...state.Choices.flatMap((rule) => rule.Next ?? [])];
  return [];
};
