/** Sign-in. Issues and checks tokens; a token proves who somebody is, every right is decided where it is used. */
export { AuthService } from './auth.service';
export type { SignIn } from './sign-ins';
export { TokenService } from './token.service';
export type { IssuedToken } from './token.service';
/** Says to every instance whose access has ended; recorded in the transaction that ends it. */
export { Revocations } from './revocations';
export type { IsOver, Revocation } from './revocations';
export { accountSuspended, tokenInvalid, tokenRevoked } from './auth.errors';
