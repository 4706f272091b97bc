/** What somebody has chosen: one bit for each option, the first one lowest; 0 is no vote. */
export type Choices = number;

/** As many as one ballot has bits for. */
export const MAX_OPTIONS = 20;

/** The places of what is chosen, in order. */
export function placesOf(choices: Choices): number[] {
  return Array.from({ length: MAX_OPTIONS }, (_, place) => place).filter((place) => (choices & (1 << place)) !== 0);
}

export function choicesOf(places: readonly number[]): Choices {
  return places.reduce((choices, place) => choices | (1 << place), 0);
}

/** Options have no rows of their own: their ids tell the poll and the place. */
export function optionIdOf(pollId: string, place: number): string {
  return `${pollId}.${place + 1}`;
}

/** Null when it is no option of this poll. */
export function placeOf(pollId: string, options: readonly string[], optionId: string): number | null {
  const place = options.findIndex((_, index) => optionIdOf(pollId, index) === optionId);
  return place < 0 ? null : place;
}
