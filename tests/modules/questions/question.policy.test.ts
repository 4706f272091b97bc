import type { AttendeeRecord } from '../../../src/modules/attendees';
import { canReceive, canSee, refusalOfCommand, withheld } from '../../../src/modules/questions/question.policy';
import type { QuestionCommand } from '../../../src/modules/questions/question.policy';
import type { QuestionRecord, QuestionStatus } from '../../../src/modules/questions/question.repository';

const attendee = (id: string, role: AttendeeRecord['role'] = 'ATTENDEE'): AttendeeRecord => ({
  id,
  sessionId: 'ses',
  userId: null,
  displayName: id,
  role,
  status: 'PRESENT',
  leaveReason: null,
  handRaised: false,
  banned: false,
  joinedAt: null,
  leftAt: null,
  createdAt: new Date(),
});
const asker = attendee('asker');
const other = attendee('other');
const moderator = attendee('moderator', 'MODERATOR');
const question = (status: QuestionStatus): QuestionRecord => ({
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
  clientId: null,
  clientDigest: null,
  createdAt: new Date(),
  votedAt: null,
});

describe('who knows what of a question', () => {
  it.each([
    ['OPEN', [true, true, true], [true, true, true]],
    ['ANSWERED', [true, true, true], [true, true, true]],
    ['PENDING', [true, false, true], [true, false, true]],
    ['HIDDEN', [true, false, true], [true, true, true]],
    ['WITHDRAWN', [true, false, true], [true, true, true]],
  ] as const)('%s: seen by, and told to, who asked, others, who moderates', (status, seen, told) => {
    const people = [asker, other, moderator];
    expect(people.map((person) => canSee(person, question(status)))).toEqual(seen);
    expect(people.map((person) => canReceive(person, question(status)))).toEqual(told);
  });

  it('a moderator who left knows no more than others', () => {
    expect(canSee({ ...moderator, status: 'LEFT' }, question('HIDDEN'))).toBe(false);
  });

  it('without its text nothing of who asked or what was answered is left', () => {
    expect(withheld(question('HIDDEN'))).toMatchObject({ body: '', answer: null, anonymous: true, status: 'HIDDEN' });
  });
});

describe('commands on a question', () => {
  const allowed = (command: QuestionCommand, person: AttendeeRecord): QuestionStatus[] =>
    (['PENDING', 'OPEN', 'ANSWERED', 'HIDDEN', 'WITHDRAWN'] as const).filter(
      (status) => refusalOfCommand(person, question(status), command) === null,
    );

  it.each([
    ['hide', ['PENDING', 'OPEN', 'ANSWERED', 'HIDDEN']],
    ['answer', ['OPEN', 'ANSWERED']],
    ['pin', ['OPEN', 'ANSWERED']],
    ['unpin', ['PENDING', 'OPEN', 'ANSWERED', 'HIDDEN', 'WITHDRAWN']],
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
