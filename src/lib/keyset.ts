/** A place in a list that is ordered by the time of making, then by id: pages go on strictly beyond it. */
export interface Keyset {
  readonly createdAt: Date;
  readonly id: string;
}
