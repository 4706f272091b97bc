import type { AuthConfig } from '../../config/config';
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
import { ConnectionResolver } from './connection.resolver';
import { PasswordHasher } from './password-hasher';
import { RefreshTokenRepository } from './refresh-token.repository';
import { RenewalService } from './renewal.service';
import { Revocations } from './revocations';
import { SignIns } from './sign-ins';
import { TokenService } from './token.service';

export const authResolvers = [AuthResolver, ConnectionResolver] as const;

export interface AuthDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork' | 'fanOut' | 'rateLimiter'>;
  readonly config: AuthConfig;
  readonly audit: AuditTrail;
  readonly users: UserService;
  readonly organizations: OrganizationService;
  readonly clock?: Clock;
}

export interface AuthRoom extends RoomParts {
  readonly auth: AuthService;
  readonly signIns: SignIns;
  readonly attempts: Attempts;
  readonly tokens: TokenService;
  readonly revocations: Revocations;
  /** For the transport: who sent this `Authorization`. */
  readonly authenticate: (authorization: string | null) => Promise<Viewer>;
}

export function createAuthRoom({ config, clock = systemClock, ...lower }: AuthDeps): AuthRoom {
  const { kernel, audit, users } = lower;
  const tokens = new TokenService(config, clock);
  const revocations = new Revocations(kernel);
  const refreshTokens = new RefreshTokenRepository();
  const signIns = new SignIns({ users, refreshTokens, tokens, revocations });
  const attempts = new Attempts(kernel.rateLimiter);
  const auth = new AuthService({ ...lower, signIns, attempts, tokens, refreshTokens, revocations, passwords: new PasswordHasher() });
  const authenticate = (authorization: string | null): Promise<Viewer> => auth.authenticate(authorization);
  return {
    auth,
    signIns,
    attempts,
    tokens,
    revocations,
    authenticate,
    resolvers: [new AuthResolver(auth), new ConnectionResolver(new RenewalService({ kernel, audit, authenticate }))],
  };
}
