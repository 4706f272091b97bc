import { requirePayload, SignalType } from '../../../src/modules/signaling/signal-payload';
import { CANDIDATE, candidate, SDP } from './payloads';

const refusal = (type: SignalType, payload: unknown): string => {
  try {
    requirePayload(type, payload);
    return 'accepted';
  } catch (error) {
    return (error as { reason: string }).reason;
  }
};

/** The example of RFC 8866 §5, with LF instead of CRLF. */
const PLAIN = `v=0
o=jdoe 3724394400 3724394405 IN IP4 198.51.100.1
s=Call to John Smith
i=SDP Offer #1
u=http://www.jdoe.example.com/home.html
e=Jane Doe <jane@jdoe.example.com>
p=+1 617 555-6011
c=IN IP4 198.51.100.1
t=0 0
m=audio 49170 RTP/AVP 0
m=audio 49180 RTP/AVP 0
m=video 51372 RTP/AVP 99
c=IN IP6 2001:db8::2
a=rtpmap:99 h263-1998/90000
`;

describe('a session description', () => {
  it.each([
    ['of a browser', SDP],
    ['of the standard', PLAIN],
    ['without a last line end', SDP.trimEnd()],
    ['with IPv6', SDP.replace('IP4 127.0.0.1', 'IP6 ::1')],
  ])('%s is accepted', (_, sdp) => {
    expect(refusal('OFFER', { sdp })).toBe('accepted');
    expect(refusal('ANSWER', { type: 'answer', sdp })).toBe('accepted');
  });

  it.each([
    ['that is empty', ''],
    ['that is no text of this kind', 'hello'],
    ['that is JSON', JSON.stringify({ v: 0 })],
    ['that is HTML', '<script>alert(1)</script>'],
    ['without its version', SDP.replace('v=0\r\n', '')],
    ['of another version', SDP.replace('v=0', 'v=1')],
    ['without an origin', SDP.replace(/o=.*\r\n/, '')],
    ['with a broken origin', SDP.replace(/o=.*/, 'o=- 1 IN IP4')],
    ['without a name', SDP.replace('s=-\r\n', '')],
    ['without a time', SDP.replace('t=0 0\r\n', '')],
    ['with a broken time', SDP.replace('t=0 0', 't=now later')],
    ['with lines in another order', SDP.replace('s=-\r\nt=0 0', 't=0 0\r\ns=-')],
    ['with a second version', `${SDP}v=0\r\n`],
    ['with a broken media line', SDP.replace(/m=.*/, 'm=application')],
    ['with an empty line inside', SDP.replace('t=0 0', 't=0 0\r\n')],
    ['with an empty value', SDP.replace('a=setup:actpass', 'a=')],
    ['with an upper-case type', SDP.replace('a=mid:0', 'A=mid:0')],
    ['with a space before the equals sign', SDP.replace('a=mid:0', 'a =mid:0')],
    ['with a lone carriage return', SDP.replace('a=mid:0', 'a=mid:0\ra=evil')],
    ['with a control character', SDP.replace('a=mid:0', 'a=mid:\u00010')],
    ['with a broken candidate', SDP.replace('typ host', 'type host')],
    ['with too many candidates', SDP.replace(/(a=candidate.*\r\n)/, '$1'.repeat(101))],
    ['with an endless line', `${SDP}a=${'x'.repeat(5_000)}\r\n`],
    ['that is too long', `${SDP}${'a=sendrecv\r\n'.repeat(6_000)}`.slice(0, 65_500) + '\r\n' + 'a=x\r\n'.repeat(50)],
  ])('%s is refused', (_, sdp) => {
    expect(['INVALID_SDP', 'INVALID_CANDIDATE', 'SIGNAL_TOO_LARGE']).toContain(refusal('OFFER', { sdp }));
  });

  it('is read in no time, whatever is in it', () => {
    const lines = ['a=simulcast:send ', 'a=imageattr:* send [', 'a=fmtp:99 ', 'a=candidate:', 'a=rid:', 'a=ssrc-group:'].map((start) =>
      `${start}${'[];,=send '.repeat(400)}`.slice(0, 4_000),
    );
    const bombs = `${SDP}${[...lines, ...lines].map((line) => `${line}\r\n`).join('')}`;
    const started = performance.now();
    refusal('OFFER', { sdp: bombs });
    refusal('OFFER', { sdp: `${SDP}${'a=x\r\n'.repeat(13_000)}` });
    refusal('OFFER', { sdp: `v=0\r\n${'t=0 0\r\nr=1 1 1\r\n'.repeat(4_000)}` });
    expect(performance.now() - started).toBeLessThan(250);
  });
});

describe('candidates', () => {
  it.each([
    ['a server-reflexive one', CANDIDATE],
    ['a host behind mDNS', 'candidate:1 1 UDP 2122252543 4b1d2c6e-7f1f-4f5c-9d5c-0a3b5c9e8a11.local 50000 typ host'],
    ['an IPv6 one over TCP', 'candidate:2 1 tcp 1518214911 2001:db8::1 9 typ host tcptype active'],
    ['one as an attribute', `a=${CANDIDATE}`],
    ['the end of candidates', ''],
  ])('%s is accepted', (_, text) => {
    expect(refusal('ICE_CANDIDATE', candidate(text))).toBe('accepted');
  });

  it("may come in a list of 100, with a browser's other fields", () => {
    const one = { ...candidate(), usernameFragment: 'EEtu' };
    expect(
      refusal(
        'ICE_CANDIDATE',
        Array.from({ length: 100 }, () => one),
      ),
    ).toBe('accepted');
    expect(refusal('ICE_CANDIDATE', { candidate: CANDIDATE })).toBe('accepted');
    expect(refusal('ICE_CANDIDATE', { candidate: CANDIDATE, sdpMid: null, sdpMLineIndex: null })).toBe('accepted');
  });

  it.each([
    ['no word of it', 'hello'],
    ['no foundation', CANDIDATE.replace('842163049', '')],
    ['a component out of range', CANDIDATE.replace(' 1 udp', ' 257 udp')],
    ['a priority out of range', CANDIDATE.replace('1677729535', '2147483648')],
    ['no address', CANDIDATE.replace('203.0.113.7', '203.0.113.999/8')],
    ['a port out of range', CANDIDATE.replace('46154 typ', '65536 typ')],
    ['no type', CANDIDATE.replace('typ srflx', '')],
    ['an extension without a value', `${CANDIDATE} odd`],
    ['a line end', `${CANDIDATE}\r\na=evil:1`],
    ['no end', `${CANDIDATE} ${'x y '.repeat(400)}`],
  ])('with %s are refused', (_, text) => {
    expect(refusal('ICE_CANDIDATE', candidate(text))).toBe('INVALID_CANDIDATE');
    expect(refusal('ICE_CANDIDATE', [candidate(), candidate(text)])).toBe('INVALID_CANDIDATE');
  });

  it.each([[[]], [Array.from({ length: 101 }, () => candidate())], [{}], [{ candidate: 1 }], [[null]], ['text'], [null], [7]])(
    'as %j are refused',
    (payload) => {
      expect(refusal('ICE_CANDIDATE', payload)).toMatch(/^INVALID_(CANDIDATE|PAYLOAD)$/);
    },
  );

  it.each([
    [{ ...candidate(), sdpMLineIndex: -1 }],
    [{ ...candidate(), sdpMLineIndex: 0.5 }],
    [{ ...candidate(), sdpMid: 0 }],
    [{ ...candidate(), extra: true }],
  ])('with fields like %j are refused', (payload) => {
    expect(refusal('ICE_CANDIDATE', payload)).toBe('INVALID_PAYLOAD');
  });
});

describe('other signals', () => {
  it.each([
    ['END', {}],
    ['END', { reason: 'hung up' }],
    ['SCREEN_SHARE_STARTED', {}],
    ['SCREEN_SHARE_STOPPED', { streamId: 'x' }],
    ['MUTE_STATE', { audio: true, video: false }],
    ['BANDWIDTH', { bitrate: 1_200_000, tracks: [{ mid: '0', loss: 0.01 }] }],
    ['BANDWIDTH', { maxBitrateKbps: 800 }],
    ['ICE_RESTART', {}],
    ['RENEGOTIATE', { reason: 'a camera was plugged in' }],
  ] as const)('%s with %j is accepted', (type, payload) => {
    expect(refusal(type, payload)).toBe('accepted');
  });

  it.each([
    ['END', { reason: 1 }],
    ['END', { reason: 'x'.repeat(201) }],
    ['END', { sdp: SDP }],
    ['MUTE_STATE', { audio: 'yes' }],
    ['BANDWIDTH', [1]],
    ['BANDWIDTH', { maxBitrateKbps: 0 }],
    ['BANDWIDTH', { maxBitrateKbps: 1.5 }],
    ['BANDWIDTH', { maxBitrateKbps: 1e9 }],
    ['BANDWIDTH', { maxBitrateKbps: 'much' }],
    ['ICE_RESTART', { reason: 1 }],
    ['RENEGOTIATE', { other: 'x' }],
    ['BANDWIDTH', { a: { b: { c: { d: { e: 1 } } } } }],
  ] as const)('%s with %j is refused', (type, payload) => {
    expect(refusal(type, payload)).toBe('INVALID_PAYLOAD');
  });

  it.each(Object.values(SignalType))('%s of more than 64 kB is refused', (type) => {
    expect(refusal(type, { reason: 'x'.repeat(70_000) })).toBe('SIGNAL_TOO_LARGE');
  });

  it.each(Object.values(SignalType))('%s that nests without end is refused', (type) => {
    let payload: unknown = {};
    for (let depth = 0; depth < 20_000; depth += 1) payload = { payload };
    expect(refusal(type, payload)).toBe('INVALID_PAYLOAD');
  });
});
