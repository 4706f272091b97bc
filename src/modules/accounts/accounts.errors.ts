import { preconditionFailed } from '../../errors/domain-error';

export const profileComplete = () => preconditionFailed('PROFILE_COMPLETE', 'This profile is complete already: update it instead.');
export const cannotSuspendYourself = () => preconditionFailed('CANNOT_SUSPEND_YOURSELF', 'Ask another administrator.');
