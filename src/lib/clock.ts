/** The process's time, in one place so that tests can hold it. Durable times come from the database, not from here. */
export interface Clock {
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };
