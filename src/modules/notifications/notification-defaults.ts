import { NotificationPort, NotificationType } from './notification.repository';

const EVERYWHERE = ['IN_APP', 'EMAIL', 'PUSH'] as const;
const AT_HAND = ['IN_APP', 'PUSH'] as const;
const HERE = ['IN_APP'] as const;

/** Where somebody is told of what, unless they want it otherwise. */
const DEFAULTS: Readonly<Record<NotificationType, readonly NotificationPort[]>> = {
  NEW_MESSAGE: AT_HAND,
  MENTION: EVERYWHERE,
  SESSION_STARTING: EVERYWHERE,
  SESSION_STARTED: AT_HAND,
  QUESTION_ANSWERED: AT_HAND,
  PEER_CONNECTION: AT_HAND,
  INVOICE_READY: EVERYWHERE,
  SYSTEM_UPDATE: HERE,
  PROGRESS: HERE,
  APPLICATION: AT_HAND,
};

export interface PreferenceRecord {
  readonly type: NotificationType;
  readonly port: NotificationPort;
  readonly enabled: boolean;
}

/** Every type and port, as they were chosen or by default, in a fixed order. */
export function withDefaults(chosen: readonly PreferenceRecord[]): PreferenceRecord[] {
  return Object.values(NotificationType).flatMap((type) =>
    Object.values(NotificationPort).map((port) => ({ type, port, enabled: isEnabled(chosen, type, port) })),
  );
}

export function isEnabled(chosen: readonly PreferenceRecord[], type: NotificationType, port: NotificationPort): boolean {
  return chosen.find((one) => one.type === type && one.port === port)?.enabled ?? DEFAULTS[type].includes(port);
}
