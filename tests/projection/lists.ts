export interface Identified {
  readonly id: string;
}

export interface Connection<Node> {
  readonly edges: readonly { readonly node: Node }[];
}

export function nodesOf<Node>({ edges }: Connection<Node>): Node[] {
  return edges.map(({ node }) => node);
}

/** In the place of the one with its id, or after all others. */
export function withOne<One extends Identified>(list: readonly One[], one: One): One[] {
  return list.some(({ id }) => id === one.id) ? list.map((other) => (other.id === one.id ? one : other)) : [...list, one];
}

export function withoutOne<One extends Identified>(list: readonly One[], id: string): One[] {
  return list.filter((other) => other.id !== id);
}

/** A list whose order is no part of what is compared. */
export function byId<One extends Identified>(list: readonly One[]): One[] {
  return [...list].sort((one, other) => (one.id < other.id ? -1 : 1));
}
