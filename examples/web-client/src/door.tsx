import { useMutation } from '@apollo/client/react';
import { useState } from 'react';
import { Field, Form } from './form';
import { JoinSessionDocument, LoginDocument, RegisterDocument } from './generated/graphql';
import { hostIdentity } from './identity';
import type { Identity } from './identity';

/** Where everybody arrives: guests with a code, hosts with an account. */
export function Door({ onEnter }: { onEnter: (identity: Identity) => void }) {
  return (
    <main className="door">
      <header className="brand">
        <h1>Parley</h1>
        <p>Live sessions with chat, questions and votes.</p>
      </header>
      <div className="door-cards">
        <JoinCard onEnter={onEnter} />
        <HostCard onEnter={onEnter} />
      </div>
    </main>
  );
}

function JoinCard({ onEnter }: { onEnter: (identity: Identity) => void }) {
  const [join] = useMutation(JoinSessionDocument);

  const submit = async (values: Record<string, string>) => {
    const { data } = await join({ variables: { input: { code: values.code ?? '', displayName: values.displayName } } });
    if (!data) return;
    const { attendee, session, token } = data.joinSession;
    onEnter({ kind: 'guest', participantId: attendee.id, name: attendee.displayName, sessionId: session.id, token });
  };

  return (
    <section className="card" aria-labelledby="join-title">
      <h2 id="join-title">Join a session</h2>
      <Form submitLabel="Join" onSubmit={submit} testId="join-form">
        <Field name="code" label="Code" autoComplete="off" className="code-input" />
        <Field name="displayName" label="Your name" maxLength={80} autoComplete="nickname" />
      </Form>
    </section>
  );
}

function HostCard({ onEnter }: { onEnter: (identity: Identity) => void }) {
  const [isNew, setIsNew] = useState(false);
  const [register] = useMutation(RegisterDocument);
  const [login] = useMutation(LoginDocument);

  const submit = async ({ email = '', password = '', displayName = '' }: Record<string, string>) => {
    const auth = isNew
      ? (await register({ variables: { input: { email, password, displayName } } })).data?.register
      : (await login({ variables: { input: { email, password } } })).data?.login;
    if (auth) onEnter(hostIdentity(auth));
  };

  return (
    <section className="card" aria-labelledby="host-title">
      <h2 id="host-title">Host a session</h2>
      <Form submitLabel={isNew ? 'Register' : 'Sign in'} onSubmit={submit} testId="host-form">
        {isNew && <Field name="displayName" label="Name" maxLength={80} autoComplete="name" />}
        <Field name="email" label="Email" type="email" autoComplete="email" />
        <Field name="password" label="Password" type="password" minLength={8} autoComplete={isNew ? 'new-password' : 'current-password'} />
      </Form>
      <button type="button" className="link" data-testid="toggle-register" onClick={() => setIsNew(!isNew)}>
        {isNew ? 'I have an account' : 'Create an account'}
      </button>
    </section>
  );
}
