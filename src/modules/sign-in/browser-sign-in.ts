import { validate } from 'class-validator';
import { badInput } from '../../errors/domain-error';
import type { Actor } from '../../lib/actor';
import type { AuthService, SignIn } from '../auth';
import { LoginInput, RegisterInput } from '../auth';
import type { Arrival, FlowRequest, SignInFlowService } from './sign-in-flow.service';

/** What browsers do outside GraphQL: they are sent to providers and back, and keep a sign-in in cookies. */
export class BrowserSignIn {
  constructor(
    private readonly auth: AuthService,
    private readonly flows: SignInFlowService,
  ) {}

  begin(request: FlowRequest, actor: Actor): Promise<{ location: string; browser: string }> {
    return this.flows.begin(request, actor);
  }

  finish(arrival: Arrival, actor: Actor): Promise<{ location: string; signIn: SignIn | null }> {
    return this.flows.finish(arrival, actor);
  }

  async register(body: object, actor: Actor): Promise<SignIn> {
    return this.auth.register(await readInput(RegisterInput, ['email', 'password', 'displayName'], body), actor);
  }

  async login(body: object, actor: Actor): Promise<SignIn> {
    return this.auth.login(await readInput(LoginInput, ['email', 'password'], body), actor);
  }

  refresh(refreshToken: string, actor: Actor): Promise<SignIn> {
    return this.auth.refresh(refreshToken, actor);
  }

  logout(refreshToken: string, actor: Actor): Promise<void> {
    return this.auth.logoutByToken(refreshToken, actor);
  }
}

/** A body under the rules of the GraphQL input of the same meaning. */
async function readInput<T extends object>(Input: new () => T, names: readonly (keyof T & string)[], body: object): Promise<T> {
  const given = body as Partial<Record<string, unknown>>;
  for (const name of names) if (typeof given[name] !== 'string') throw badInput(name, 'must be text');
  const input = Object.assign(new Input(), Object.fromEntries(names.map((name) => [name, given[name]])));
  const [error] = await validate(input);
  if (error !== undefined) throw badInput(error.property, Object.values(error.constraints ?? {})[0] ?? 'is not valid');
  return input;
}
