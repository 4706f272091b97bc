import type { Session } from '../../persistence/generated/client';

/** What the host lets happen in a session: the one list of it, with each setting's column and type. Another needs a line here, its GraphQL
 * fields, and what it was before there was one (`session.events.ts`). */
const COLUMNS_OF_SETTINGS = {
  questionApproval: ['question_approval', 'boolean'],
  anonymousQuestions: ['anonymous_questions', 'boolean'],
  refuseDuplicates: ['refuse_duplicates', 'boolean'],
  chatEnabled: ['chat_enabled', 'boolean'],
  slowModeSeconds: ['slow_mode_seconds', 'int'],
  lobby: ['lobby', 'boolean'],
  waitingList: ['waiting_list', 'boolean'],
  duplicateIdentity: ['duplicate_identity', '"DuplicateIdentity"'],
  attendeesVisible: ['attendees_visible', '"AttendeesVisible"'],
  reactionEmojis: ['reaction_emojis', 'text[]'],
  presenting: ['presenting', '"PresentingRule"'],
} as const satisfies Partial<Record<keyof Session, readonly [column: string, type: string]>>;

type SettingName = keyof typeof COLUMNS_OF_SETTINGS;

export type SessionSettings = Pick<Session, SettingName>;

export const SETTINGS = Object.keys(COLUMNS_OF_SETTINGS) as SettingName[];

const COLUMNS = SETTINGS.map((name) => COLUMNS_OF_SETTINGS[name][0]);

export const SETTING_COLUMNS = COLUMNS.join(', ');

/** For a SELECT of records. */
export const SELECTED_SETTINGS = SETTINGS.map((name) => `${COLUMNS_OF_SETTINGS[name][0]} AS "${name}"`).join(', ');

/** For an UPDATE whose parameters from this one on are `settingValues`. */
export function settingAssignments(firstParameter: number): string {
  return SETTINGS.map((name, index) => {
    const [column, type] = COLUMNS_OF_SETTINGS[name];
    return `${column} = COALESCE($${firstParameter + index}::${type}, ${column})`;
  }).join(', ');
}

/** Null where a setting stays as it is. */
export function settingValues(changes: Partial<SessionSettings>): SessionSettings[SettingName][] | null[] {
  return SETTINGS.map((name) => changes[name] ?? null) as SessionSettings[SettingName][] | null[];
}

export function settingsOf(record: SessionSettings): SessionSettings {
  return Object.fromEntries(SETTINGS.map((name) => [name, record[name]])) as unknown as SessionSettings;
}

/** Those that a form gives; null is as good as left out. */
export function settingsIn(input: { readonly [Name in SettingName]?: SessionSettings[Name] | null }): Partial<SessionSettings> {
  return Object.fromEntries(SETTINGS.flatMap((name) => (input[name] == null ? [] : [[name, input[name]]])));
}
