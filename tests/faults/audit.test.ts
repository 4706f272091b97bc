import { audit } from './harness/audit';
import type { ChannelBook } from './harness/audit';

const book: ChannelBook = {
  messages: ['a', 'b', 'c'].map((id, at) => ({ id, clientId: `client ${id}`, offset: at + 4 })),
  events: ['a', 'b', 'c'].map((messageId, at) => ({ messageId, offset: at + 4 })),
};
const acknowledged = new Map(book.messages.map(({ id, clientId }) => [clientId ?? id, id]));
const all = { acknowledged: [acknowledged], received: [['a', 'b', 'c']] };

describe('the audit that every fault ends with', () => {
  it('is content when all was written once and everybody heard all of it in order', () => {
    expect(audit(book, all)).toEqual([]);
  });

  it.each([
    [
      'loses a message',
      { ...all, acknowledged: [acknowledged, new Map([['client d', 'd']])] },
      ['client d was acknowledged and is not there'],
    ],
    [
      'acknowledges another id',
      { ...all, acknowledged: [new Map([...acknowledged, ['client a', 'z']])] },
      ['client a was acknowledged and is not there'],
    ],
    ['keeps what nobody sent', { ...all, acknowledged: [new Map([...acknowledged].slice(1))] }, ['client a is there and nobody was told']],
    ['keeps something from a reader', { ...all, received: [['a', 'c']] }, ['reader 0 misses 1 of 3']],
    ['tells it twice', { ...all, received: [['a', 'b', 'b', 'c']] }, ['reader 0 has 1 twice']],
    ['tells it in another order', { ...all, received: [['b', 'a', 'c']] }, ['reader 0 has another order']],
    ['invents', { ...all, received: [['a', 'b', 'c', 'd']] }, ['reader 0 has 1 that the log has not']],
  ])('names a server that %s', (_name, witnessed, problems) => {
    expect(audit(book, witnessed)).toEqual(problems);
  });

  it('names a message that is there twice, and a log that has a hole', () => {
    const twice = { ...book, messages: book.messages.map((message) => ({ ...message, clientId: 'client a' })) };
    expect(audit(twice, { ...all, acknowledged: [new Map([['client a', 'a']])] })).toEqual(['client a is there 3 times']);
    const hole = {
      messages: book.messages.filter(({ id }) => id !== 'b'),
      events: book.events.filter(({ messageId }) => messageId !== 'b'),
    };
    expect(audit(hole, { acknowledged: [new Map([...acknowledged].filter(([, id]) => id !== 'b'))], received: [] })).toEqual([
      'a gap before 6',
    ]);
    expect(audit({ ...book, events: book.events.slice(0, 2) }, { ...all, received: [] })).toEqual([
      'the log has 2 events for 3 messages, or another order',
    ]);
  });
});
