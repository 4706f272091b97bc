/** A way of publishing. */
export interface Mode {
  readonly name: string;
  readonly about: string;
  /** Events on their way at most; one is on its way until all of its subscribers have it. */
  readonly inFlight: number;
  /** 0: as soon as `inFlight` allows. */
  readonly perSecond: number;
  readonly events: number;
}

export const WARM_UP: Mode = { name: 'warm-up', about: '', inFlight: 16, perSecond: 0, events: 100 };

export function modes(quick: boolean): readonly Mode[] {
  return [
    { name: 'flood', about: '16 events in flight', inFlight: 16, perSecond: 0, events: quick ? 500 : 2_000 },
    { name: 'single', about: 'one event in flight', inFlight: 1, perSecond: 0, events: quick ? 100 : 500 },
    { name: 'paced', about: '10 events a second', inFlight: Infinity, perSecond: 10, events: quick ? 50 : 100 },
    { name: 'steady', about: '20 events a second', inFlight: Infinity, perSecond: 20, events: quick ? 100 : 400 },
  ];
}

/** The same with so many times more events. */
export function multiplied(mode: Mode, times: number): Mode {
  return { ...mode, events: Math.round(mode.events * times), perSecond: mode.perSecond * times };
}
