import { randomUUID } from 'node:crypto';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { badInput } from '../../errors/domain-error';
import type { Context } from '../../graphql/context';
import type { Json } from '../../realtime/event';
import type { ApplicationNoticeService } from './application-notice.service';
import { PublishNotificationInput, ReportProgressInput } from './notification.input';
import { PublishNotificationPayload } from './notification.type';

const MAX_DATA_BYTES = 4_000;

@Resolver()
export class ApplicationNoticeResolver {
  constructor(private readonly service: ApplicationNoticeService) {}

  @Mutation(() => PublishNotificationPayload, {
    description:
      "Tells members of an organization something of an application's own. For its ADMINs, and by an API key with `notifications:write`. " +
      'RATE_LIMITED NOTICE_RATE beyond 1,000 recipients a minute.',
  })
  async publishNotification(
    @Arg('input', () => PublishNotificationInput, { description: 'What, and to whom.' }) input: PublishNotificationInput,
    @Ctx() { viewer }: Context,
  ): Promise<PublishNotificationPayload> {
    const { key, priority, data } = input;
    await this.service.publish(viewer, { ...noticeOf(input), key: key ?? randomUUID(), priority, data: checkedData(data) });
    return answerTo(input);
  }

  @Mutation(() => PublishNotificationPayload, {
    description:
      'Tells members of an organization how far a long piece of work has come: one notification for each piece, which changes with each report. ' +
      'It stays read once it was, until the work has ended. Rights and rate are those of `publishNotification`.',
  })
  async reportProgress(
    @Arg('input', () => ReportProgressInput, { description: 'Which work, and how far it is.' }) input: ReportProgressInput,
    @Ctx() { viewer }: Context,
  ): Promise<PublishNotificationPayload> {
    const { key, done, total, state } = input;
    await this.service.reportProgress(viewer, { ...noticeOf(input), key, done, total: total ?? null, state });
    return answerTo(input);
  }
}

function noticeOf({ organizationId, userIds, type, title, body, link }: PublishNotificationInput | ReportProgressInput) {
  return { organizationId, userIds, applicationType: type, title, body: body ?? null, link: checkedLink(link) };
}

/** A link that somebody may click: nothing but a page. */
function checkedLink(link: string | null | undefined): string | null {
  if (link == null) return null;
  if (!/^https?:\/\//.test(link) || !URL.canParse(link) || /[\s\p{Cc}]/u.test(link))
    throw badInput('input.link', 'must be an http or https URL');
  return link;
}

function checkedData(data: Json | undefined): Json {
  if (data == null) return null;
  if (typeof data !== 'object' || Array.isArray(data)) throw badInput('input.data', 'must be a JSON object');
  if (Buffer.byteLength(JSON.stringify(data)) > MAX_DATA_BYTES) throw badInput('input.data', `must have at most ${MAX_DATA_BYTES} bytes`);
  return data;
}

function answerTo({ userIds }: PublishNotificationInput | ReportProgressInput): PublishNotificationPayload {
  return Object.assign(new PublishNotificationPayload(), { recipientCount: new Set(userIds).size });
}
