import type { Viewer } from '../../../src/lib/viewer';
import type { PollRecord } from '../../../src/modules/polls/poll.repository';
import type { PollDraft } from '../../../src/modules/polls/poll.service';
import type { SessionRecord } from '../../../src/modules/sessions';
import { by } from '../by';
import type { Stage } from '../stage';

/** An open poll of three options, of which one is chosen, with its results for everybody. */
export function poll(stage: Stage, host: Viewer, session: SessionRecord, draft: Partial<PollDraft> = {}): Promise<PollRecord> {
  const usual = {
    title: 'Which?',
    options: ['Red', 'Green', 'Blue'],
    maxChoices: 1,
    anonymous: true,
    resultsVisibility: 'ALWAYS',
  } as const;
  return stage.polls.create(by(host), { ...usual, options: [...usual.options], sessionId: session.id, open: true, ...draft });
}

/** The ids of the options at these places, the first being 1. */
export const options = ({ id }: PollRecord, ...places: number[]): string[] => places.map((place) => `${id}.${place}`);
