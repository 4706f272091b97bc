import { Cookies } from '../../src/transport/cookies';

const PAGES = { allowedOrigins: null, publicUrl: 'https://api.example.org' };
const inAnHour = () => new Date(Date.now() + 3_600_000);

describe('cookies', () => {
  it('under https are Secure, for this host alone, and not to be read by pages', () => {
    const cookie = new Cookies(true, PAGES).write('refresh', 'secret', inAnHour());
    expect(cookie).toBe('__Host-parley-refresh=secret; Max-Age=3600; Path=/; HttpOnly; SameSite=Lax; Secure');
  });

  it('under https are not taken for those of plain http, which a neighbouring host could plant', () => {
    const secure = new Cookies(true, PAGES);
    expect(secure.read({ cookie: 'parley-access=planted; __Secure-parley-access=planted' }, 'access')).toBeNull();
    expect(secure.read({ cookie: 'x=1; __Host-parley-access=own; parley-access=planted' }, 'access')).toBe('own');
  });

  it.each(['', 'parley-access=', 'parley-accessory=x', 'x=parley-access=y', ';;=;'])('finds nothing in %p', (cookie) => {
    expect(new Cookies(false, PAGES).read({ cookie }, 'access')).toBeNull();
  });
});
