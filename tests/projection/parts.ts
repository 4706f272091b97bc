import { messages, pins, use } from './channel.part';
import { agenda } from './collaboration.part';
import { inbox } from './inbox.part';
import type { Part, Topic } from './part';
import { polls } from './polls.part';
import { questions } from './questions.part';
import { reports } from './reports.part';
import { attendees, metadata, notes, session } from './session.part';

/** Everything that a client holds of what it follows. A new kind of state is a part in a file of its own, and a word here. */
export const PARTS: readonly Part[] = [session, attendees, metadata, notes, questions, reports, polls, messages, pins, use, inbox, agenda];

export function partsOf(topic: Topic): readonly Part[] {
  return PARTS.filter((part) => part.of === topic);
}

/** Events that change nothing of what can be read by a query; each with why. */
export const CHANGE_NOTHING: Readonly<Record<string, string>> = {
  StreamOpened: 'says where the subscription stands',
  ChannelMemberJoined: 'who belongs to a channel is read when it is looked at, with who is connected, which no event tells',
  ChannelMemberLeft: 'who belongs to a channel is read when it is looked at, with who is connected, which no event tells',
  ChannelOwnerChanged: 'who belongs to a channel is read when it is looked at, with who is connected, which no event tells',
};

/** Subscriptions that tell of no state that outlasts them; each with why. */
export const HOLD_NOTHING: Readonly<Record<string, string>> = {
  receipts: 'the places it tells grow by themselves: tests/modules/messages/receipt.service.test.ts',
  pollResults: 'tells the whole of a state each time: tests/modules/polls/poll-results.service.test.ts',
  sessionReactions: 'the same: tests/modules/session-reactions',
  pointers: 'are gone after ten seconds, and cannot be read',
  typing: 'ends by itself after six seconds, and cannot be read',
  connectionEvents: 'of the connection alone',
  waiting: "tells one's own place anew each time, and ends with the waiting",
  presence: 'tells the whole of a state each time, which is gone with the connections',
  presenceCount: 'the same',
  notificationEvents: 'of the list of one user, which belongs to no session or channel: see tests/modules/notifications',
  callEvents: 'of two people alone: each event is the whole call (tests/e2e/calls.test.ts)',
  qualityEvents: 'of the moment: each event is the whole connection (tests/e2e/calls.test.ts)',
};
