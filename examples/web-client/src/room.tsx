import { useMutation, useQuery } from '@apollo/client/react';
import { Chat } from './chat';
import { useParley } from './connection';
import { problemText } from './form';
import { EndSessionDocument, LeaveSessionDocument, SessionDocument } from './generated/graphql';
import type { SessionPartsFragment } from './generated/graphql';
import type { Identity } from './identity';
import { Questions } from './questions';
import { useSessionStream } from './use-session-stream';

interface RoomProps {
  readonly sessionId: string;
  readonly identity: Exclude<Identity, { kind: 'nobody' }>;
  readonly onLeave: () => void;
}

export function Room({ sessionId, identity, onLeave }: RoomProps) {
  const { data, error } = useQuery(SessionDocument, { variables: { sessionId } });
  const stream = useSessionStream(sessionId);
  const session = data?.session;
  const isHost = identity.kind === 'host';

  if (error) return <Notice text={problemText(error)} onLeave={onLeave} />;
  if (data && !session) return <Notice text="This session does not exist." onLeave={onLeave} />;
  if (stream === 'ended' || stream === 'failed') return <Notice text="You are no longer in this session." onLeave={onLeave} />;
  if (!session) return <p className="loading">Opening the session…</p>;
  return (
    <div className="room">
      <RoomHeader session={session} isHost={isHost} onLeave={onLeave} />
      <main className="panels">
        <Chat channelId={session.channel.id} participantId={identity.participantId} isOpen={!isOver(session)} />
        <Questions sessionId={sessionId} isHost={isHost} isOpen={session.status === 'LIVE' || session.status === 'PAUSED'} />
      </main>
    </div>
  );
}

function RoomHeader({ session, isHost, onLeave }: { session: SessionPartsFragment; isHost: boolean; onLeave: () => void }) {
  const [endSession] = useMutation(EndSessionDocument);
  const [leaveSession] = useMutation(LeaveSessionDocument);
  const variables = { sessionId: session.id };

  // Whether or not the server heard it, the guest is gone from here.
  const leave = () => void leaveSession({ variables }).then(onLeave, onLeave);

  return (
    <header className="room-header">
      <div className="room-title">
        <h1 data-testid="session-title">{session.title}</h1>
        <span className={`badge status-${session.status.toLowerCase()}`} data-testid="session-status">
          {session.status.toLowerCase()}
        </span>
      </div>
      <p className="join-code">
        <span>Join code</span> <strong data-testid="session-code">{session.code}</strong>
      </p>
      <ConnectionBadge />
      {isHost && !isOver(session) && (
        <button type="button" className="quiet" onClick={() => void endSession({ variables })}>
          End session
        </button>
      )}
      {(!isHost || isOver(session)) && (
        <button type="button" className="quiet" onClick={isHost ? onLeave : leave}>
          Leave
        </button>
      )}
    </header>
  );
}

const STATUS_TEXT = { connected: 'Live', connecting: 'Connecting…', disconnected: 'Reconnecting…' } as const;

function ConnectionBadge() {
  const { status } = useParley();
  return (
    <span role="status" className={`connection ${status}`} data-testid="connection" data-status={status}>
      {STATUS_TEXT[status]}
    </span>
  );
}

function Notice({ text, onLeave }: { text: string; onLeave: () => void }) {
  return (
    <main className="door">
      <section className="card" role="alert">
        <p>{text}</p>
        <button type="button" onClick={onLeave}>
          Back
        </button>
      </section>
    </main>
  );
}

function isOver({ status }: SessionPartsFragment): boolean {
  return status === 'COMPLETED' || status === 'CANCELLED';
}
