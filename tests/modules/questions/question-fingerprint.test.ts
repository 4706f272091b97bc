import { fingerprintOf } from '../../../src/modules/questions/question-fingerprint';

describe('the fingerprint of a question', () => {
  it.each([
    ['case, spaces and punctuation', ' WHEN do  we\nstart?!'],
    ['invisible characters', 'When do we st\u200Ba\u2060rt'],
    ['full width letters', 'Ｗhen do we start?'],
    ['other punctuation', '¿When — do we start…'],
  ])('is the same in spite of %s', (_what, text) => {
    expect(fingerprintOf(text)).toBe(fingerprintOf('When do we start?'));
  });

  it('is the same for letters composed or not', () => {
    expect(fingerprintOf('Où e\u0301tait-il ?')).toBe(fingerprintOf('OÙ ÉTAIT IL'));
  });

  it.each([
    ['Is it 10?', 'Is it 100?'],
    ['Is it 1 0?', 'Is it 10?'],
    ['Who is Max?', 'Who is Mäx?'],
    ['👍', '👎'],
    ['?', '!'],
    ['कि', 'की'],
  ])('tells %s from %s', (one, other) => {
    expect(fingerprintOf(one)).not.toBe(fingerprintOf(other));
  });
});
