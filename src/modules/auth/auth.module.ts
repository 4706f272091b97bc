import type { AuthConfig } from '../../config/config';
import type { RoomParts } from '../../graphql/room';
import type { Clock } from '../../lib/clock';
import { systemClock } from '../../lib/clock';
import type { Viewer } from '../../lib/viewer';
import type { Kernel } from '../../realtime/kernel';
import type { OrganizationService } from '../organizations';
import type { UserService } from '../users';
import { AuthResolver } from './auth.resolver';
import { AuthService } from './auth.service';
import { PasswordHasher } from './password-hasher';
import { RefreshTokenRepository } from './refresh-token.repository';
import { TokenService } from './token.service';

export const authResolvers = [AuthResolver] as const;

export interface AuthDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork' | 'rateLimiter'>;
  readonly config: AuthConfig;
  readonly users: UserService;
  readonly organizations: OrganizationService;
  readonly clock?: Clock;
}

export interface AuthRoom extends RoomParts {
  readonly auth: AuthService;
  readonly tokens: TokenService;
  /** For the transport: who sent this `Authorization`. */
  readonly authenticate: (authorization: string | null) => Promise<Viewer>;
}

export function createAuthRoom({ kernel, config, users, organizations, clock = systemClock }: AuthDeps): AuthRoom {
  const tokens = new TokenService(config, clock);
  const auth = new AuthService({
    kernel,
    users,
    organizations,
    tokens,
    refreshTokens: new RefreshTokenRepository(),
    passwords: new PasswordHasher(),
  });
  return {
    auth,
    tokens,
    authenticate: (authorization) => auth.authenticate(authorization),
    resolvers: [new AuthResolver(auth, organizations)],
  };
}
