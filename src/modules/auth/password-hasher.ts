import { hash, verify } from '@node-rs/argon2';
import { newSecret } from '../../lib/secret';

/** OWASP's first choice for argon2id (the library's default variant): 19 MiB, two passes, one lane. */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export class PasswordHasher {
  private decoy: Promise<string> | null = null;

  hash(password: string): Promise<string> {
    return hash(canonical(password), PARAMETERS);
  }

  /** Takes as long when there is no account (`stored` null), so that time does not tell which addresses have one. */
  async verify(stored: string | null, password: string): Promise<boolean> {
    this.decoy ??= this.hash(newSecret());
    const matches = await verify(stored ?? (await this.decoy), canonical(password));
    return matches && stored !== null;
  }
}

/** The same password typed on another keyboard may come as other code points. */
function canonical(password: string): string {
  return password.normalize('NFKC');
}
