import type { AuthConfig, ProviderConfig, SignInConfig } from '../../config/config';
import type { RoomParts } from '../../graphql/room';
import type { Clock } from '../../lib/clock';
import { systemClock } from '../../lib/clock';
import type { Viewer } from '../../lib/viewer';
import type { Kernel } from '../../realtime/kernel';
import type { AuditTrail } from '../audit';
import type { OrganizationService } from '../organizations';
import type { UserService } from '../users';
import { Attempts } from './attempts';
import { AuthResolver } from './auth.resolver';
import { AuthService } from './auth.service';
import { BrowserSignIn } from './browser-sign-in';
import { ConnectionResolver } from './connection.resolver';
import type { IdentityProvider } from './identity-provider';
import { GithubProvider } from './identity-provider.github';
import { OidcProvider } from './identity-provider.oidc';
import { IdentityRepository } from './identity.repository';
import { IdentityResolver } from './identity.resolver';
import type { OnHandOver } from './identity.service';
import { IdentityService } from './identity.service';
import { PasswordHasher } from './password-hasher';
import { ProfileResolver } from './profile.resolver';
import { ProfileService } from './profile.service';
import { RefreshTokenRepository } from './refresh-token.repository';
import { RenewalService } from './renewal.service';
import { Revocations } from './revocations';
import { SignInCodeRepository } from './sign-in-code.repository';
import { SignInFlowRepository } from './sign-in-flow.repository';
import type { SignInFlowServiceDeps } from './sign-in-flow.service';
import { SignInFlowService } from './sign-in-flow.service';
import { SignIns } from './sign-ins';
import { SuspensionResolver } from './suspension.resolver';
import { SuspensionService } from './suspension.service';
import { TokenService } from './token.service';

export const authResolvers = [AuthResolver, ConnectionResolver, IdentityResolver, ProfileResolver, SuspensionResolver] as const;

export interface AuthDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork' | 'fanOut' | 'rateLimiter'>;
  readonly config: AuthConfig;
  readonly signIn: SignInConfig;
  readonly audit: AuditTrail;
  readonly users: UserService;
  readonly organizations: OrganizationService;
  readonly onHandOver: OnHandOver;
  readonly clock?: Clock;
}

export interface AuthRoom extends RoomParts {
  readonly auth: AuthService;
  readonly tokens: TokenService;
  readonly revocations: Revocations;
  readonly suspensions: SuspensionService;
  readonly identities: IdentityService;
  /** For the transport: what browsers do outside GraphQL. */
  readonly browserSignIn: BrowserSignIn;
  /** For the transport: who sent this `Authorization`. */
  readonly authenticate: (authorization: string | null) => Promise<Viewer>;
}

export function createAuthRoom({ config, signIn, onHandOver, clock = systemClock, ...lower }: AuthDeps): AuthRoom {
  const { kernel, audit, users, organizations } = lower;
  const tokens = new TokenService(config, clock);
  const revocations = new Revocations(kernel);
  const refreshTokens = new RefreshTokenRepository();
  const signIns = new SignIns({ users, refreshTokens, tokens, revocations });
  const shared = { ...lower, signIns, attempts: new Attempts(kernel.rateLimiter) };
  const auth = new AuthService({ ...shared, tokens, refreshTokens, revocations, passwords: new PasswordHasher() });
  const identities = new IdentityService({ ...shared, identities: new IdentityRepository(), onHandOver });
  const suspensions = new SuspensionService({ kernel, users, revocations, audit });
  const flows = createFlows({ ...shared, config: signIn, identities });
  const authenticate = (authorization: string | null): Promise<Viewer> => auth.authenticate(authorization);
  return {
    auth,
    tokens,
    revocations,
    suspensions,
    identities,
    browserSignIn: new BrowserSignIn(auth, flows),
    authenticate,
    resolvers: [
      new AuthResolver(auth, organizations),
      new ConnectionResolver(new RenewalService({ kernel, audit, authenticate })),
      new IdentityResolver(flows, identities),
      new ProfileResolver(new ProfileService(kernel, users)),
      new SuspensionResolver(suspensions),
    ],
  };
}

function createFlows(deps: Omit<SignInFlowServiceDeps, 'providers' | 'flows' | 'codes'>): SignInFlowService {
  const providers = deps.config.providers.map(createProvider);
  return new SignInFlowService({ ...deps, providers, flows: new SignInFlowRepository(), codes: new SignInCodeRepository() });
}

function createProvider(config: ProviderConfig): IdentityProvider {
  return config.kind === 'github' ? new GithubProvider(config) : new OidcProvider(config);
}
