/** What a page answered: where it led to is where the surfer stopped. */
export interface Stop {
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

interface Cookie {
  readonly value: string;
  readonly path: string;
}

/** A browser without a window: keeps cookies, follows redirects and sends forms. Cookies are the host's, whatever the port. */
export class Surfer {
  readonly cookies = new Map<string, Cookie>();

  /** Follows redirects for as long as `follow` says so; the address where it stops may be nobody's. */
  async visit(address: string | URL, follow: (url: URL) => boolean = () => true, init: RequestInit = {}): Promise<Stop> {
    const url = new URL(address);
    const headers = { accept: 'text/html', ...(init.headers as Record<string, string>), cookie: this.cookieHeader(url.pathname) };
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) this.keep(line);
    const location = response.headers.get('location');
    if (location === null) return { url, status: response.status, headers: response.headers, text: await response.text() };
    const next = new URL(location, url);
    if (!follow(next)) return { url: next, status: response.status, headers: response.headers, text: '' };
    return this.visit(next, follow);
  }

  /** Sends the form of a page. */
  submit(page: Stop, fields: Readonly<Record<string, string>>, follow?: (url: URL) => boolean): Promise<Stop> {
    const [, form = ''] = /<form([^>]*)>/.exec(page.text) ?? [];
    const [, action = page.url.href] = /action="([^"]*)"/.exec(form) ?? [];
    const hidden = [...page.text.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(([, name, value]) => [name, value]);
    const body = new URLSearchParams({ ...(Object.fromEntries(hidden) as Record<string, string>), ...fields });
    return this.visit(new URL(action, page.url), follow, { method: 'POST', body });
  }

  private keep(line: string): void {
    const [pair = '', ...attributes] = line.split('; ');
    const [name = '', value = ''] = pair.split(/=(.*)/s);
    const attribute = (key: string) => attributes.find((one) => one.toLowerCase().startsWith(`${key}=`))?.slice(key.length + 1);
    const expires = attribute('expires');
    const isOver = attribute('max-age') === '0' || (expires !== undefined && new Date(expires) < new Date());
    if (isOver) this.cookies.delete(name);
    else this.cookies.set(name, { value, path: attribute('path') ?? '/' });
  }

  private cookieHeader(path: string): string {
    return [...this.cookies]
      .filter(([, cookie]) => path.startsWith(cookie.path))
      .map(([name, { value }]) => `${name}=${value}`)
      .join('; ');
  }
}
