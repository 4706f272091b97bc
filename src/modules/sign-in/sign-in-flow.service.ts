import type { SignInConfig } from '../../config/config';
import { notFound } from '../../errors/domain-error';
import type { Actor } from '../../lib/actor';
import { digest } from '../../lib/digest';
import { newSecret } from '../../lib/secret';
import type { UserViewer } from '../../lib/viewer';
import type { Tx } from '../../persistence/database';
import type { Kernel } from '../../realtime/kernel';
import type { AuditTrail } from '../audit';
import type { Attempts, ProvenAccount, SignIn, SignIns } from '../auth';
import { asUser } from '../auth';
import type { UserRecord } from '../users';
import { answersChallenge } from './code-challenge';
import type { IdentityProvider, ProvenIdentity } from './identity-provider';
import type { IdentityService } from './identity.service';
import type { CodeWorth, SignInCodeRepository, StoredCode } from './sign-in-code.repository';
import { SignInFailure } from './sign-in-failure';
import type { Delivery, SignInFlowRepository, StoredFlow } from './sign-in-flow.repository';
import { challengeInvalid, challengeRequired, flowUnknown, returnUrlRefused, signInCodeInvalid } from './sign-in.errors';

const FLOW_LIFETIME_MS = 10 * 60_000;
const CODE_LIFETIME_MS = 60_000;
const SHA256_BASE64URL = /^[\w-]{43}$/;

export interface FlowRequest {
  readonly provider: string;
  readonly returnTo: string | null;
  readonly delivery: Delivery;
  /** S256 of a verifier that the page keeps: nobody else can use the code then. */
  readonly challenge: string | null;
  /** The secret of the browser's cookie; null when it has none yet. */
  readonly browser: string | null;
}

export interface Arrival {
  readonly provider: string;
  /** As the browser brought it back from the provider. */
  readonly query: string;
  readonly browser: string | null;
}

export interface SignInFlowServiceDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork'>;
  readonly audit: AuditTrail;
  readonly config: SignInConfig;
  readonly providers: readonly IdentityProvider[];
  readonly flows: SignInFlowRepository;
  readonly codes: SignInCodeRepository;
  readonly identities: IdentityService;
  readonly signIns: SignIns;
  readonly attempts: Attempts;
}

/**
 * A browser's way to a provider and back: the code flow of OAuth 2.0 with PKCE, state and nonce. All of it is kept in the database, so any
 * instance can finish what another began.
 */
export class SignInFlowService {
  constructor(private readonly deps: SignInFlowServiceDeps) {}

  get providers(): readonly string[] {
    return this.deps.providers.map(({ name }) => name);
  }

  /** Where to send the browser, and the secret that its cookie keeps meanwhile. */
  async begin(request: FlowRequest, actor: Actor): Promise<{ location: string; browser: string }> {
    const provider = this.provider(request.provider);
    const returnTo = this.allowedReturn(request.returnTo);
    const { delivery, challenge } = request;
    if (challenge !== null && !SHA256_BASE64URL.test(challenge)) throw challengeInvalid();
    if (challenge === null && delivery === 'link') throw challengeRequired();
    await this.deps.attempts.flow(actor.address);
    const browser = request.browser ?? newSecret();
    const checks = { state: newSecret(), nonce: newSecret(), codeVerifier: newSecret() };
    try {
      const { href } = await provider.authorizationUrl(this.redirectUri(provider), checks);
      const key = { stateHash: digest(checks.state), browserHash: digest(browser), provider: provider.name };
      await this.deps.flows.insert(this.deps.kernel.database, key, { ...checks, returnTo, delivery, challenge }, FLOW_LIFETIME_MS);
      return { location: href, browser };
    } catch (error) {
      return { location: await this.failed(error, provider, returnTo, actor), browser };
    }
  }

  /**
   * Where to send the browser back to: with a code, with `error=`, or, when its cookies carry the result, with the sign-in. Throws for a
   * flow that is not this browser's, was finished before or never began: then there is no page to go back to.
   */
  async finish({ provider: name, query, browser }: Arrival, actor: Actor): Promise<{ location: string; signIn: SignIn | null }> {
    const provider = this.provider(name);
    const callback = new URL(`${this.redirectUri(provider)}?${query}`);
    const [state, second] = callback.searchParams.getAll('state');
    if (state === undefined || second !== undefined || browser === null) throw flowUnknown();
    const key = { stateHash: digest(state), browserHash: digest(browser), provider: provider.name };
    const flow = await this.deps.flows.take(this.deps.kernel.database, key);
    if (flow === null) throw flowUnknown();
    try {
      if (!flow.live) throw new SignInFailure('FLOW_EXPIRED', 'TOO_LATE');
      return await this.deliver(flow, await provider.identify(callback, { ...flow, state }), actor);
    } catch (error) {
      return { location: await this.failed(error, provider, flow.returnTo, actor), signIn: null };
    }
  }

  /** A code works once, for the page that has the verifier. */
  async exchange({ code, verifier }: { code: string; verifier: string | null }, actor: Actor): Promise<SignIn> {
    const signIn = await this.spend(code, verifier, actor, async (tx, { account, provider }) =>
      account === null ? null : this.start(tx, actor, account, provider),
    );
    if (signIn === null) throw signInCodeInvalid();
    return signIn;
  }

  async link({ code, verifier }: { code: string; verifier: string }, viewer: UserViewer, actor: Actor): Promise<UserRecord> {
    return this.spend(code, verifier, actor, (tx, { identity }) => {
      if (identity === null) throw signInCodeInvalid();
      return this.deps.identities.link(tx, actor, viewer, identity);
    });
  }

  /** A wrong verifier uses the code up: there is no second guess. */
  private async spend<T>(
    code: string,
    verifier: string | null,
    actor: Actor,
    use: (tx: Tx, worth: CodeWorth & { readonly provider: string }) => Promise<T>,
  ): Promise<T> {
    const { kernel, attempts, codes } = this.deps;
    await attempts.code(actor.address);
    const outcome = await kernel.unitOfWork.run(async (tx) => {
      const stored = await codes.take(tx, digest(code));
      return stored !== null && isMeantFor(stored, verifier) ? { value: await use(tx, stored) } : null;
    });
    if (outcome === null) throw signInCodeInvalid();
    return outcome.value;
  }

  private deliver(flow: StoredFlow, identity: ProvenIdentity, actor: Actor): Promise<{ location: string; signIn: SignIn | null }> {
    const { kernel, identities } = this.deps;
    return kernel.unitOfWork.as('system').run(async (tx) => {
      if (flow.delivery === 'link') return this.withCode(tx, flow, identity, { account: null, identity });
      const account = await identities.open(tx, actor, identity);
      if (flow.delivery === 'code') return this.withCode(tx, flow, identity, { account, identity: null });
      const signIn = await this.start(tx, actor, account, identity.provider);
      if (signIn === null) throw new SignInFailure('FLOW_EXPIRED', 'ENDED_MEANWHILE');
      return { location: flow.returnTo, signIn };
    });
  }

  /** In the fragment, which no server is sent: the one of the page's neither logs it nor passes it on. */
  private async withCode(
    tx: Tx,
    { returnTo, challenge }: StoredFlow,
    { provider }: ProvenIdentity,
    worth: CodeWorth,
  ): Promise<{ location: string; signIn: null }> {
    const { codes } = this.deps;
    const code = newSecret();
    await codes.deleteExpired(tx);
    await codes.insert(tx, digest(code), { ...worth, provider, challenge }, CODE_LIFETIME_MS);
    return { location: `${returnTo}#code=${code}`, signIn: null };
  }

  /** Null when the account was suspended, or all its sign-ins were ended, meanwhile. */
  private async start(tx: Tx, actor: Actor, account: ProvenAccount, provider: string): Promise<SignIn | null> {
    const signIn = await this.deps.signIns.start(tx, account);
    if (signIn === null) return null;
    const fact = { action: 'sign_in.succeeded', targetId: account.id, details: { method: provider } } as const;
    this.deps.audit.record(tx, asUser(actor, account.id), fact);
    return signIn;
  }

  /** Where to go with a failure of the provider's. Anything else is ours, and thrown on. */
  private async failed(error: unknown, provider: IdentityProvider, returnTo: string, actor: Actor): Promise<string> {
    if (!(error instanceof SignInFailure)) throw error;
    const { kernel, audit } = this.deps;
    const details = { method: provider.name, reason: error.code, detail: error.detail };
    await kernel.unitOfWork.run(async (tx) => audit.record(tx, actor, { action: 'sign_in.failed', details }));
    return `${returnTo}#error=${error.code}`;
  }

  private provider(name: string): IdentityProvider {
    const provider = this.deps.providers.find((known) => known.name === name);
    if (provider === undefined) throw notFound('Sign-in provider');
    return provider;
  }

  private redirectUri({ name }: IdentityProvider): string {
    return `${this.deps.config.publicUrl}/auth/${name}/callback`;
  }

  /** Only the origin and the path are compared, exactly; a query is the page's own, a fragment ours. */
  private allowedReturn(returnTo: string | null): string {
    if (returnTo === null || !URL.canParse(returnTo)) throw returnUrlRefused();
    const url = new URL(returnTo);
    url.hash = '';
    const isAllowed = this.deps.config.returnUrls.some((allowed) => pageOf(new URL(allowed)) === pageOf(url));
    if (!isAllowed || url.username !== '' || url.password !== '') throw returnUrlRefused();
    return url.href;
  }
}

function pageOf({ origin, pathname }: URL): string {
  return origin + pathname;
}

function isMeantFor({ challenge }: StoredCode, verifier: string | null): boolean {
  if (challenge === null) return verifier === null;
  return verifier !== null && answersChallenge(challenge, verifier);
}
