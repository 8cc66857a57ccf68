import { type RunCommand, UsageError } from './command.ts';
import { recordChange } from './record-change.ts';

/** `users log-out`: ends all sessions of a person, or of everybody, within 5 s also in a service that runs. */
export const logOutCommand: RunCommand<{ email?: string; all?: true }> = async ({ email, all }, context) => {
  const { service, isJson, print } = context;
  if ((email === undefined) === (all === undefined)) throw new UsageError('say either --email or --all');
  const ended = await service.auth.people.logOut(email);
  await recordChange(context, { action: 'users log-out', accountId: null });
  print(isJson ? JSON.stringify({ ended }) : `${ended} ${ended === 1 ? 'session' : 'sessions'} ended`);
  return 0;
};
