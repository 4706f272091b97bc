import { useMutation } from '@apollo/client/react';
import { Field, Form } from './form';
import { CreateSessionDocument, StartSessionDocument } from './generated/graphql';

interface DeskProps {
  readonly name: string;
  readonly onOpen: (sessionId: string) => void;
  readonly onSignOut: () => void;
}

/** A host outside a session: makes one and starts it. */
export function Desk({ name, onOpen, onSignOut }: DeskProps) {
  const [createSession] = useMutation(CreateSessionDocument);
  const [startSession] = useMutation(StartSessionDocument);

  const submit = async ({ title = '' }: Record<string, string>) => {
    const { data } = await createSession({ variables: { input: { title, kind: 'CONFERENCE', medium: 'CHAT', capacity: 100 } } });
    if (!data) return;
    const { id } = data.createSession.session;
    await startSession({ variables: { sessionId: id } });
    onOpen(id);
  };

  return (
    <main className="door">
      <header className="brand">
        <h1>Hello, {name}</h1>
        <p>Name your session; your guests join with its code.</p>
      </header>
      <section className="card" aria-label="New session">
        <Form submitLabel="Start the session" onSubmit={submit} testId="create-form">
          <Field name="title" label="Title" maxLength={200} autoComplete="off" />
        </Form>
        <button type="button" className="link" onClick={onSignOut}>
          Sign out
        </button>
      </section>
    </main>
  );
}
