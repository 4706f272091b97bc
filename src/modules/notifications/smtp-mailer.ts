import { createTransport } from 'nodemailer';
import type { Transporter } from 'nodemailer';
import type { MailConfig } from '../../config/config';
import type { DeliveryPort, Parcel } from './delivery-port';
import { Undeliverable } from './delivery-port';
import { mailText, oneLine } from './mail-text';

const CONNECTION_LIMIT_MS = 10_000;
const SILENCE_LIMIT_MS = 20_000;
const CONNECTIONS = 2;

/** Letters by SMTP. One that is sent twice carries the same Message-ID: whoever keeps mail keeps one of them. */
export class SmtpMailer implements DeliveryPort {
  readonly port = 'EMAIL';
  private readonly transporter: Transporter;
  private readonly domain: string;

  constructor(private readonly config: MailConfig) {
    this.transporter = createTransport({
      url: config.smtpUrl,
      pool: true,
      maxConnections: CONNECTIONS,
      connectionTimeout: CONNECTION_LIMIT_MS,
      greetingTimeout: CONNECTION_LIMIT_MS,
      socketTimeout: SILENCE_LIMIT_MS,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    this.domain = /@([\w.-]+)>?$/.exec(config.from)?.[1] ?? 'localhost';
  }

  async deliver(parcel: Parcel): Promise<void> {
    const { notification, recipient } = parcel;
    if (recipient.email === null) throw new Undeliverable('There is no address that somebody has vouched for.');
    try {
      await this.transporter.sendMail({
        from: this.config.from,
        to: { name: oneLine(recipient.displayName), address: recipient.email },
        messageId: `<${notification.id}.${notification.updatedAt.getTime()}@${this.domain}>`,
        headers: { 'Auto-Submitted': 'auto-generated' },
        ...mailText(parcel),
      });
    } catch (error) {
      throw isForGood(error) ? new Undeliverable('The server has refused the letter for good.', error) : error;
    }
  }

  async close(): Promise<void> {
    this.transporter.close();
  }
}

/** SMTP's own word: 5yz is for good, 4yz for now. That a password is wrong is no fault of the letter. */
function isForGood(error: unknown): boolean {
  const { responseCode, code } = error as { responseCode?: number; code?: string };
  return code !== 'EAUTH' && responseCode !== undefined && responseCode >= 500;
}
