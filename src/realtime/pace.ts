/** Calls back once, an interval later; answers how to call it off. */
export type Pace = (callBack: () => void) => () => void;

export function paceOf(milliseconds: number): Pace {
  return (callBack) => {
    const timer = setTimeout(callBack, milliseconds);
    return () => clearTimeout(timer);
  };
}
