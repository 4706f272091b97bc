import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../../graphql/context';
import { ChangePasswordInput, LoginInput, RefreshTokensInput, RegisterInput } from './auth.input';
import type { AuthService } from './auth.service';
import { AuthPayload, toAuthPayload } from './auth.type';

@Resolver()
export class AuthResolver {
  constructor(private readonly auth: AuthService) {}

  @Mutation(() => AuthPayload, { description: 'Makes an account and signs it in. CONFLICT EMAIL_TAKEN when the address has one.' })
  async register(
    @Arg('input', () => RegisterInput, { description: 'The new account.' }) input: RegisterInput,
    @Ctx() context: Context,
  ): Promise<AuthPayload> {
    return toAuthPayload(await this.auth.register(input, context));
  }

  @Mutation(() => AuthPayload, { description: 'Signs in. At most 10 attempts per account, and 100 per address, in 15 minutes.' })
  async login(
    @Arg('input', () => LoginInput, { description: 'E-mail and password.' }) input: LoginInput,
    @Ctx() context: Context,
  ): Promise<AuthPayload> {
    return toAuthPayload(await this.auth.login(input, context));
  }

  @Mutation(() => AuthPayload, { description: 'Spends a refresh token for new tokens. Spending one twice ends the whole sign-in.' })
  async refreshTokens(
    @Arg('input', () => RefreshTokensInput, { description: 'The refresh token.' }) input: RefreshTokensInput,
    @Ctx() context: Context,
  ): Promise<AuthPayload> {
    return toAuthPayload(await this.auth.refresh(input.refreshToken, context));
  }

  @Mutation(() => Boolean, { description: 'Ends this sign-in: its refresh tokens and access tokens stop working. True.' })
  async logout(@Ctx() context: Context): Promise<boolean> {
    await this.auth.logout(context);
    return true;
  }

  @Mutation(() => Boolean, { description: 'Ends every sign-in of the caller, this one too. True.' })
  async logoutEverywhere(@Ctx() context: Context): Promise<boolean> {
    await this.auth.logoutEverywhere(context);
    return true;
  }

  @Mutation(() => Boolean, {
    description:
      'Changes the password and ends every other sign-in. An account without one sets its first within ten minutes of signing in. True.',
  })
  async changePassword(
    @Arg('input', () => ChangePasswordInput, { description: 'Both passwords.' }) { currentPassword, newPassword }: ChangePasswordInput,
    @Ctx() context: Context,
  ): Promise<boolean> {
    await this.auth.changePassword({ currentPassword: currentPassword ?? null, newPassword }, context);
    return true;
  }
}
