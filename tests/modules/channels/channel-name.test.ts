import { CHANNEL_NAME, sessionChannelName } from '../../../src/modules/channels/channel-name';
import { sessionIds } from '../../../src/modules/sessions';

describe('a channel name', () => {
  it.each(['support:customer:4711', 'a:b:c', 'a.b:c_d:e-f', `${'x'.repeat(63)}:y:z`, sessionChannelName(sessionIds.create())])(
    'may be %s',
    (name) => {
      expect(name).toMatch(CHANNEL_NAME);
    },
  );

  it.each([
    '',
    'support',
    'support:customer',
    'a:b:c:d',
    'A:b:c',
    'a::c',
    '-a:b:c',
    'a:b:c\n',
    'a b:c:d',
    `${'x'.repeat(64)}:y:z`,
    'ä:b:c',
  ])('may not be %j', (name) => {
    expect(name).not.toMatch(CHANNEL_NAME);
  });
});
