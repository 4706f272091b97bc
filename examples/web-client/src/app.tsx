import { useState } from 'react';
import { ConnectionProvider } from './connection';
import { Desk } from './desk';
import { Door } from './door';
import { loadIdentity, NOBODY, saveIdentity } from './identity';
import type { Identity } from './identity';
import { Room } from './room';

export function App() {
  const [identity, setIdentity] = useState(loadIdentity);
  const [sessionId, setSessionId] = useState(identity.kind === 'nobody' ? null : identity.sessionId);

  const become = (next: Identity) => {
    saveIdentity(next);
    setIdentity(next);
    setSessionId(next.kind === 'nobody' ? null : next.sessionId);
  };
  // The same host, so the same connection: only what a reload comes back to changes.
  const enter = (id: string | null) => {
    const now = loadIdentity();
    if (now.kind === 'host') saveIdentity({ ...now, sessionId: id });
    setSessionId(id);
  };

  return (
    <ConnectionProvider key={identity.kind === 'nobody' ? 'nobody' : identity.participantId} identity={identity}>
      {identity.kind === 'nobody' && <Door onEnter={become} />}
      {identity.kind === 'host' && sessionId === null && <Desk name={identity.name} onOpen={enter} onSignOut={() => become(NOBODY)} />}
      {identity.kind !== 'nobody' && sessionId !== null && (
        <Room sessionId={sessionId} identity={identity} onLeave={() => (identity.kind === 'host' ? enter(null) : become(NOBODY))} />
      )}
    </ConnectionProvider>
  );
}
