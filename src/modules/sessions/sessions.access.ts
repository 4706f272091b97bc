import type { AccessTable } from '../../graphql/access';
import { allow, AS_PARENT } from '../../graphql/access';

export const sessionsAccess: AccessTable = {
  Query: {
    session: allow('sessionReader', 'sessions:read'),
    sessions: allow('sessionReader', 'sessions:read'),
    sessionByCode: allow('anyone', 'sessions:read'),
  },
  Mutation: {
    createSession: allow('user', 'sessions:write'),
    updateSession: allow('host', 'sessions:write'),
    updateSessionSettings: allow('host', 'sessions:write'),
    startSession: allow('runner', 'sessions:write'),
    pauseSession: allow('runner', 'sessions:write'),
    resumeSession: allow('runner', 'sessions:write'),
    endSession: allow('runner', 'sessions:write'),
    cancelSession: allow('runner', 'sessions:write'),
  },
  Session: { '*': allow('sessionCard'), host: allow('sessionCard') },
  SessionSettings: AS_PARENT,
  SessionConnection: AS_PARENT,
  SessionEdge: AS_PARENT,
  SessionPayload: AS_PARENT,
  EndSessionPayload: AS_PARENT,
  SessionChanged: AS_PARENT,
};
