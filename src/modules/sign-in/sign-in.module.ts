import type { ProviderConfig, SignInConfig } from '../../config/config';
import type { RoomParts } from '../../graphql/room';
import type { Kernel } from '../../realtime/kernel';
import type { ApiKeyService } from '../api-keys';
import type { AuditTrail } from '../audit';
import type { Attempts, AuthService, SignIns } from '../auth';
import type { OrganizationService } from '../organizations';
import type { UserService } from '../users';
import { BrowserSignIn } from './browser-sign-in';
import type { IdentityProvider } from './identity-provider';
import { GithubProvider } from './identity-provider.github';
import { OidcProvider } from './identity-provider.oidc';
import { IdentityRepository } from './identity.repository';
import { IdentityResolver } from './identity.resolver';
import { IdentityService } from './identity.service';
import { SignInCodeRepository } from './sign-in-code.repository';
import { SignInFlowRepository } from './sign-in-flow.repository';
import { SignInFlowService } from './sign-in-flow.service';

export const signInResolvers = [IdentityResolver] as const;

export interface SignInDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork'>;
  readonly config: SignInConfig;
  readonly audit: AuditTrail;
  readonly users: UserService;
  readonly organizations: OrganizationService;
  readonly auth: AuthService;
  readonly signIns: SignIns;
  readonly attempts: Attempts;
  readonly apiKeys: ApiKeyService;
}

export interface SignInRoom extends RoomParts {
  readonly identities: IdentityService;
  /** For the transport: what browsers do outside GraphQL. */
  readonly browserSignIn: BrowserSignIn;
}

export function createSignInRoom(deps: SignInDeps): SignInRoom {
  const identities = new IdentityService({ ...deps, identities: new IdentityRepository() });
  const flows = new SignInFlowService({
    ...deps,
    identities,
    providers: deps.config.providers.map(createProvider),
    flows: new SignInFlowRepository(),
    codes: new SignInCodeRepository(),
  });
  return { identities, browserSignIn: new BrowserSignIn(deps.auth, flows), resolvers: [new IdentityResolver(flows, identities)] };
}

function createProvider(config: ProviderConfig): IdentityProvider {
  return config.kind === 'github' ? new GithubProvider(config) : new OidcProvider(config);
}
