/** Sign-in. Issues and checks tokens; a token proves who somebody is, every right is decided where it is used. */
export { AuthService } from './auth.service';
export type { SignIn } from './auth.service';
export { TokenService } from './token.service';
export type { IssuedToken } from './token.service';
