import { randomBytes } from 'node:crypto';
import { ApiClient } from '../api-client';
import { CreateSessionDocument, JoinSessionDocument, RegisterDocument, StartSessionDocument } from '../generated/graphql';
import type { CreateSessionInput, CreateSessionMutation, JoinSessionMutation, RegisterMutation } from '../generated/graphql';

export interface Account {
  readonly api: ApiClient;
  readonly user: RegisterMutation['register']['user'];
  readonly email: string;
  readonly refreshToken: string;
}

export interface Guest {
  readonly api: ApiClient;
  readonly attendee: JoinSessionMutation['joinSession']['attendee'];
}

export interface Stage {
  readonly host: Account;
  readonly session: CreateSessionMutation['createSession']['session'];
  readonly channelId: string;
  start(): Promise<void>;
  /** A guest, on the host's instance unless another url is given. */
  join(displayName?: string, url?: string): Promise<Guest>;
}

export const PASSWORD = 'correct horse battery';

export async function registerAccount(url: string, displayName = 'Ada'): Promise<Account> {
  const email = `${randomBytes(8).toString('hex')}@example.org`;
  const { register } = await new ApiClient(url).run(RegisterDocument, { input: { email, password: PASSWORD, displayName } });
  return { api: new ApiClient(url, register.accessToken), user: register.user, email, refreshToken: register.refreshToken };
}

export async function joinSession(url: string, code: string, displayName = 'Guest'): Promise<Guest> {
  const { joinSession: joined } = await new ApiClient(url).run(JoinSessionDocument, { input: { code, displayName } });
  return { api: new ApiClient(url, joined.token), attendee: joined.attendee };
}

/** A host with a conference, live unless told otherwise. */
export async function setStage(
  url: string,
  input: Partial<CreateSessionInput> = {},
  { start = true, host: known }: { start?: boolean; host?: Account } = {},
): Promise<Stage> {
  const host = known ?? (await registerAccount(url, 'Host'));
  const { createSession } = await host.api.run(CreateSessionDocument, { input: { title: 'All hands', ...input } });
  const { session } = createSession;
  const startSession = async (): Promise<void> => void (await host.api.run(StartSessionDocument, { sessionId: session.id }));
  if (start) await startSession();
  return {
    host,
    session,
    channelId: session.channel.id,
    start: startSession,
    join: (displayName, at = url) => joinSession(at, session.code, displayName),
  };
}
