/** What a key may be for: the scopes that the rooms' access tables ask for. Writing does not include reading. */
export enum ApiKeyScope {
  SESSIONS_READ = 'sessions:read',
  SESSIONS_WRITE = 'sessions:write',
  ATTENDEES_READ = 'attendees:read',
  ATTENDEES_WRITE = 'attendees:write',
  CHANNELS_READ = 'channels:read',
  CHANNELS_WRITE = 'channels:write',
  MESSAGES_READ = 'messages:read',
  MESSAGES_WRITE = 'messages:write',
  QUESTIONS_READ = 'questions:read',
  QUESTIONS_WRITE = 'questions:write',
  NOTIFICATIONS_WRITE = 'notifications:write',
  POLLS_READ = 'polls:read',
  POLLS_WRITE = 'polls:write',
  AUDIT_READ = 'audit:read',
}
