import type { RoomParts } from '../../graphql/room';
import { ContentPolicyRepository } from './content-policy.repository';
import { ContentPolicyResolver } from './content-policy.resolver';
import type { ContentPolicyServiceDeps } from './content-policy.service';
import { ContentPolicyService } from './content-policy.service';

export const contentPolicyResolvers = [ContentPolicyResolver] as const;

export interface ContentPolicyRoom extends RoomParts {
  readonly contentPolicies: ContentPolicyService;
}

export function createContentPolicyRoom(deps: Omit<ContentPolicyServiceDeps, 'policies'>): ContentPolicyRoom {
  const contentPolicies = new ContentPolicyService({ ...deps, policies: new ContentPolicyRepository() });
  return { contentPolicies, resolvers: [new ContentPolicyResolver(contentPolicies)] };
}
