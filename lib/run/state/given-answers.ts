import { answerTo, askedIn, type Round } from '../../folds/approval-rounds.ts';

export type GivenAnswer = {
  readonly round: number;
  readonly role: string;
  readonly person: string;
  readonly answer: string | null;
  readonly at: string | null;
  readonly note: string | null;
  readonly invalidated: boolean;
  readonly recalled: boolean;
  /** Of a deputy: the person for whom they may answer. */
  readonly for: string | null;
};

/** Everybody who was asked in a round, once, with the answer that counts. */
export const answersIn = (round: Round): readonly GivenAnswer[] =>
  askedIn(round).map(({ event: { data } }) => {
    const own = answerTo(round, data)?.event;
    return {
      round: round.round,
      role: data.role,
      person: data.person,
      answer: own?.data.answer ?? null,
      at: own?.at ?? null,
      note: own?.data.note ?? null,
      invalidated: round.invalidated !== undefined,
      recalled: round.recalled !== undefined,
      for: data.for ?? null,
    };
  });
