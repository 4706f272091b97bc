import { parsePlace, QuestionOrder, WALKS } from '../../../src/modules/questions/question-order';
import { questionIds } from '../../../src/modules/questions/question-commands';

const question = { id: questionIds.create(), pinned: true, score: -1234.567890123456, upvotes: 2 ** 31 - 1, createdAt: new Date() };

describe('places in an order of questions', () => {
  it.each(Object.values(QuestionOrder))('come back from a cursor of %s as they were', (order) => {
    const place = WALKS[order].placeOf(question);
    expect(parsePlace(order, place.map(String))).toEqual(place);
  });

  it.each([
    ['PRIORITY', []],
    ['PRIORITY', ['1', 'NaN', 'qst_1']],
    ['PRIORITY', ['2', '1', 'qst_1']],
    ['PRIORITY', ['0.5', '1', 'qst_1']],
    ['PRIORITY', ['1', 'Infinity', 'qst_1']],
    ['PRIORITY', ['1', '9'.repeat(40), 'qst_1']],
    ['PRIORITY', ['1', '1', "' OR 1=1"]],
    ['TOP', ['1.5', 'qst_1']],
    ['TOP', ['-1', 'qst_1']],
    ['TOP', ['2147483648', 'qst_1']],
    ['TOP', ['0x10', 'qst_1']],
    ['NEWEST', ['yesterday', 'qst_1']],
    ['NEWEST', ['9'.repeat(17), 'qst_1']],
    ['NEWEST', ['1', '']],
  ] as const)('are refused when no %s makes them: %j', (order, parts) => {
    expect(parsePlace(order, parts)).toBeNull();
  });
});
