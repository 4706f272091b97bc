/** Sign-in by the word of others (Google, GitHub, any OpenID Connect issuer), and what browsers do outside GraphQL. */
export type { BrowserSignIn } from './browser-sign-in';
