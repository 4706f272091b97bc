import { validate } from 'class-validator';
import { CreateSessionInput, UpdateSessionInput } from '../../../src/modules/sessions/session.input';

async function faults(input: object): Promise<string[]> {
  const errors = await validate(input, { skipMissingProperties: true });
  return errors.map(({ property }) => property).sort();
}

const create = (values: object): CreateSessionInput =>
  Object.assign(new CreateSessionInput(), { title: 'All hands', capacity: 100 }, values);

describe('session inputs', () => {
  it('take values at the limits', async () => {
    expect(await faults(create({ title: 'x'.repeat(200), description: 'x'.repeat(5_000), capacity: 20_000 }))).toEqual([]);
    expect(await faults(create({ capacity: 1, currency: 'EUR', ratePerMinuteMinor: 0, scheduledFor: new Date('2027-01-01') }))).toEqual([]);
    expect(await faults(Object.assign(new UpdateSessionInput(), { sessionId: 'ses_1', title: null, scheduledFor: null }))).toEqual([]);
  });

  it.each([
    [{ title: '' }, 'title'],
    [{ title: ' \n ' }, 'title'],
    [{ title: 'x'.repeat(201) }, 'title'],
    [{ description: 'x'.repeat(5_001) }, 'description'],
    [{ capacity: 0 }, 'capacity'],
    [{ capacity: 20_001 }, 'capacity'],
    [{ ratePerMinuteMinor: -1 }, 'ratePerMinuteMinor'],
    [{ currency: 'eur' }, 'currency'],
    [{ currency: 'XXY' }, 'currency'],
    [{ scheduledFor: new Date('0000-01-01T00:00:00Z') }, 'scheduledFor'],
  ])('refuse %j', async (values, property) => {
    expect(await faults(create(values))).toEqual([property]);
  });
});
