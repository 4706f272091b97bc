/** Sign-in. Issues and checks tokens; a token proves who somebody is, every right is decided where it is used. */
export { AuthService } from './auth.service';
/** Where every sign-in begins and ends, whatever the proof. */
export type { SignIn, SignIns } from './sign-ins';
export type { ProvenAccount } from './refresh-token.repository';
/** Counts what is tried, before any work is done for it. */
export type { Attempts } from './attempts';
export { TokenService } from './token.service';
export type { IssuedToken } from './token.service';
/** Says to every instance whose access has ended; recorded in the transaction that ends it. */
export { Revocations } from './revocations';
export type { IsOver, Revocation } from './revocations';
export { AuthPayload, toAuthPayload } from './auth.type';
export { LoginInput, RegisterInput } from './auth.input';
export { bearerToken } from './bearer';
export { asUser, requirePerson } from './auth.policy';
export { accountSuspended, tokenInvalid, tokenRevoked } from './auth.errors';
