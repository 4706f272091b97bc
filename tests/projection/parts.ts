import { messages, pins } from './channel.part';
import { inbox } from './inbox.part';
import type { Part, Topic } from './part';
import { questions } from './questions.part';
import { reports } from './reports.part';
import { attendees, session } from './session.part';

/** Everything that a client holds of what it follows. A new kind of state is a part in a file of its own, and a word here. */
export const PARTS: readonly Part[] = [session, attendees, questions, reports, messages, pins, inbox];

export function partsOf(topic: Topic): readonly Part[] {
  return PARTS.filter((part) => part.of === topic);
}

/** Events that change nothing of what can be read by a query; each with why. */
export const CHANGE_NOTHING: Readonly<Record<string, string>> = {
  StreamOpened: 'says where the subscription stands',
  ChannelMemberJoined: 'who belongs to a channel cannot be listed',
  ChannelMemberLeft: 'who belongs to a channel cannot be listed',
  ChannelOwnerChanged: 'who belongs to a channel cannot be listed',
};

/** Subscriptions that tell of no state that outlasts them; each with why. */
export const HOLD_NOTHING: Readonly<Record<string, string>> = {
  typing: 'ends by itself after six seconds, and cannot be read',
  connectionEvents: 'of the connection alone',
  callEvents: 'of two people alone: each event is the whole call (tests/e2e/calls.test.ts)',
  qualityEvents: 'of the moment: each event is the whole connection (tests/e2e/calls.test.ts)',
};
