import type { Parcel } from './delivery-port';

export interface MailText {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

const MAX_SUBJECT = 200;

/** What a notification says in a letter. What people have written is text in it, whatever it looks like. */
export function mailText({ notification: { title, body, link }, recipient }: Parcel): MailText {
  const lines = [`Hello ${recipient.displayName},`, title, body, link].filter((line) => line !== null);
  const paragraphs = [`Hello ${recipient.displayName},`, title, ...(body === null ? [] : [body])].map(
    (line) => `<p>${escapeHtml(line)}</p>`,
  );
  const anchor = link === null ? [] : [`<p><a href="${escapeHtml(link)}">${escapeHtml(link)}</a></p>`];
  return { subject: oneLine(title), text: lines.join('\n\n'), html: [...paragraphs, ...anchor].join('\n') };
}

/** A header ends where its line does. */
export function oneLine(text: string): string {
  return text
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .trim()
    .slice(0, MAX_SUBJECT);
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character).replaceAll('\n', '<br>');
}
