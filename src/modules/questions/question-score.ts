/** After one half-life the weight of a question's votes counts half: an hour younger is worth as much as twice the votes. */
export const HALF_LIFE_MS = 60 * 60 * 1_000;

/** Scores count half-lives from here, only to keep the numbers small. */
export const SCORE_EPOCH_MS = Date.UTC(2026, 0, 1);

/** The standard normal quantile of a two-sided 95 % interval. */
const Z = 1.959_963_984_540_054;

/**
 * The priority of a question: `log2(1 + n·w) + age term`.
 *
 * `n` is the number of votes and `w` the lower end of the 95 % Wilson score interval of the share of upvotes (E. B. Wilson, 1927; for
 * ranking by votes: E. Miller, "How Not To Sort By Average Rating", 2009). So `n·w` is the number of upvotes that can be relied on: one vote of
 * one says little, ninety of a hundred say much, and a disputed question needs more.
 *
 * Its weight decays with age: `(1 + n·w) · 2^(−age / half-life)`. Ranking by the logarithm of that is the same ranking, and there
 * `−age / half-life` is `createdAt / half-life` minus a term in `now` that is equal for all questions and is left out. So a stored
 * score never grows stale, changes only with a vote, and can stand in an index (the construction of Reddit's "hot" ranking).
 *
 * Pinned questions come first whatever their score: the pin is a column of its own before it in the index.
 */
export function questionScore(upvotes: number, downvotes: number, createdAt: Date): number {
  const votes = upvotes + downvotes;
  return Math.log2(1 + votes * wilsonLowerBound(upvotes, votes)) + (createdAt.getTime() - SCORE_EPOCH_MS) / HALF_LIFE_MS;
}

/** The lower end of the 95 % Wilson score interval of `positive` out of `total`; 0 when nobody voted. */
export function wilsonLowerBound(positive: number, total: number): number {
  if (total === 0) return 0;
  const share = positive / total;
  const square = Z * Z;
  const centre = share + square / (2 * total);
  const margin = Z * Math.sqrt((share * (1 - share) + square / (4 * total)) / total);
  return Math.max(0, (centre - margin) / (1 + square / total));
}
