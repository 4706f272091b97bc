import type { ContentPolicyRecord } from './content-policy.repository';
import type { ContentRule } from './content-policy.repository';
import { hostsIn, isAllowedHost } from './links';
import { WordList } from './word-list';

/** What is to become of a text, and by which rule. */
export type Verdict = { readonly action: 'ALLOW' } | { readonly action: 'HOLD' | 'REFUSE'; readonly rule: ContentRule };

const ALLOWED: Verdict = { action: 'ALLOW' };

/** One organization's policy, made ready for many texts. The sterner rule wins. */
export class Screen {
  private readonly refused: WordList;
  private readonly held: WordList;

  constructor(private readonly policy: Pick<ContentPolicyRecord, 'refusedWords' | 'heldWords' | 'links' | 'allowedHosts'>) {
    this.refused = new WordList(policy.refusedWords);
    this.held = new WordList(policy.heldWords);
  }

  judge(text: string): Verdict {
    if (this.refused.isIn(text)) return { action: 'REFUSE', rule: 'WORDS' };
    const { links } = this.policy;
    const linking = links !== 'ALLOW' && this.linksElsewhere(text);
    if (linking && links === 'REFUSE') return { action: 'REFUSE', rule: 'LINKS' };
    if (this.held.isIn(text)) return { action: 'HOLD', rule: 'WORDS' };
    return linking ? { action: 'HOLD', rule: 'LINKS' } : ALLOWED;
  }

  private linksElsewhere(text: string): boolean {
    return hostsIn(text).some((host) => !isAllowedHost(host, this.policy.allowedHosts));
  }
}
