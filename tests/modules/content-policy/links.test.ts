import { hostsIn, isAllowedHost } from '../../../src/modules/content-policy/links';

describe('links in a text', () => {
  it.each([
    ['see https://Example.org/a?b=c', ['example.org']],
    ['www.example.whatever', ['example.whatever']],
    ['buy at cheap-pills.com now', ['cheap-pills.com']],
    ['cheap[.]pills (dot) com', ['cheap.pills.com']],
    ['ｅｘａｍｐｌｅ．ｃｏｍ', ['example.com']],
    ['exa\u200bmple.com', ['example.com']],
    ['https://good.org@evil.com/', ['good.org', 'evil.com']],
    ['http://203.0.113.9/x', ['http://203.0.113.9']],
    ['пример.ru', ['пример.ru']],
  ])('are found: %s', (text, hosts) => {
    expect(hostsIn(text)).toEqual(hosts);
  });

  it.each(['e.g. this', 'Node.js', 'The end.Next begins', 'version 1.2.3', 'a...b', 'i.e. that', 'What is 3.5?'])(
    'are not seen in %p',
    (text) => {
      expect(hostsIn(text)).toEqual([]);
    },
  );

  it('may go to hosts of the list, and below them', () => {
    const allowed = ['example.org'];
    expect(
      ['example.org', 'docs.example.org', 'badexample.org', 'example.org.evil.com'].map((host) => isAllowedHost(host, allowed)),
    ).toEqual([...[true, true, false, false]]);
  });

  it('are looked for in one go, whatever is written', () => {
    expect(hostsIn('a.'.repeat(2_000))).toEqual([]);
    expect(hostsIn('a'.repeat(4_000))).toEqual([]);
    expect(hostsIn('a-'.repeat(2_000))).toEqual([]);
  });
});
