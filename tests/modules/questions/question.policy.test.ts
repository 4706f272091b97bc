import type { AttendeeRecord, Standpoint } from '../../../src/modules/attendees';
import { canReceive, canSee, refusalOfCommand, withheld } from '../../../src/modules/questions/question.policy';
import type { QuestionCommand } from '../../../src/modules/questions/question.policy';
import { QuestionStatus } from '../../../src/modules/questions/question.repository';
import type { QuestionRecord } from '../../../src/modules/questions/question.repository';

const attendee = (id: string, role: AttendeeRecord['role'] = 'ATTENDEE'): AttendeeRecord => ({
  id,
  sessionId: 'ses',
  userId: null,
  displayName: id,
  role,
  status: 'PRESENT',
  leaveReason: null,
  handRaised: false,
  handRaisedAt: null,
  waitingFor: null,
  ticket: null,
  muted: false,
  silenced: false,
  banned: false,
  joinedAt: null,
  leftAt: null,
  createdAt: new Date(),
});
const asker = attendee('asker');
const other = attendee('other');
const moderator = attendee('moderator', 'MODERATOR');
const question = (status: QuestionStatus, publishedAt: Date | null = new Date()): QuestionRecord => ({
  id: 'qst',
  sessionId: 'ses',
  askerId: 'asker',
  senderId: 'asker',
  senderName: 'Asker',
  anonymous: false,
  body: 'Why?',
  status,
  upvotes: 0,
  downvotes: 0,
  score: 0,
  pinned: false,
  answer: 'Because.',
  rejectionReason: 'No.',
  mergedIntoId: null,
  heldFor: null,
  shadowed: false,
  fingerprint: null,
  clientId: null,
  clientDigest: null,
  createdAt: new Date(),
  publishedAt,
  votedAt: null,
});

const at = (attendee: AttendeeRecord): Standpoint => ({ attendee, oversight: null });
const lookingAfter = (oversight: 'organization' | 'platform'): Standpoint => ({ attendee: null, oversight });

describe('who knows what of a question', () => {
  it.each([
    ['OPEN', [true, true, true], [true, true, true]],
    ['ANSWERED', [true, true, true], [true, true, true]],
    ['PENDING', [true, false, true], [true, true, true]],
    ['HIDDEN', [true, false, true], [true, true, true]],
    ['WITHDRAWN', [true, false, true], [true, true, true]],
    ['MERGED', [true, false, true], [true, true, true]],
    ['DELETED', [true, false, true], [true, true, true]],
  ] as const)('%s, once public: seen by, and told to, who asked, others, who moderates', (status, seen, told) => {
    const people = [asker, other, moderator];
    expect(people.map((person) => canSee(person, question(status)))).toEqual(seen);
    expect(people.map((person) => canReceive(at(person), question(status)))).toEqual(told);
  });

  it.each(['PENDING', 'REJECTED', 'HIDDEN', 'WITHDRAWN', 'MERGED', 'DELETED'] as const)(
    '%s, never public: told to who asked, who moderates and administrators of the platform alone',
    (status) => {
      const eyes: Standpoint[] = [at(asker), at(other), at(moderator), lookingAfter('organization'), lookingAfter('platform')];
      expect(eyes.map((standpoint) => canReceive(standpoint, question(status, null)))).toEqual([true, false, true, false, true]);
    },
  );

  it('a moderator who left knows no more than others', () => {
    expect(canSee({ ...moderator, status: 'LEFT' }, question('HIDDEN'))).toBe(false);
  });

  it('without its text nothing of who asked or what was answered is left', () => {
    expect(withheld(question('HIDDEN'))).toMatchObject({
      body: '',
      answer: null,
      rejectionReason: null,
      anonymous: true,
      status: 'HIDDEN',
    });
  });
});

describe('commands on a question', () => {
  const allowed = (command: QuestionCommand, person: AttendeeRecord): QuestionStatus[] =>
    Object.values(QuestionStatus).filter((status) => refusalOfCommand(person, question(status), command) === null);

  it.each([
    ['hide', ['PENDING', 'OPEN', 'ANSWERED', 'HIDDEN']],
    ['answer', ['OPEN', 'ANSWERED']],
    ['pin', ['OPEN', 'ANSWERED']],
    ['unpin', Object.values(QuestionStatus)],
    ['delete', Object.values(QuestionStatus)],
    ['approve', ['PENDING', 'OPEN', 'HIDDEN', 'REJECTED']],
    ['reject', ['PENDING', 'REJECTED']],
    ['correct', ['PENDING', 'OPEN', 'ANSWERED', 'HIDDEN', 'REJECTED']],
    ['resetVotes', ['OPEN', 'ANSWERED', 'HIDDEN']],
    ['mergeFrom', ['PENDING', 'OPEN', 'ANSWERED', 'MERGED']],
    ['mergeInto', ['OPEN', 'ANSWERED']],
  ] as const)('%s is for who moderates, in %j', (command, statuses) => {
    expect(allowed(command, moderator)).toEqual(statuses);
    expect([...allowed(command, asker), ...allowed(command, other)]).toEqual([]);
  });

  it.each([
    ['edit', ['PENDING', 'OPEN']],
    ['withdraw', ['PENDING', 'OPEN', 'WITHDRAWN']],
  ] as const)('%s is for who asked, in %j', (command, statuses) => {
    expect(allowed(command, asker)).toEqual(statuses);
    expect([...allowed(command, moderator), ...allowed(command, other)]).toEqual([]);
  });
});
