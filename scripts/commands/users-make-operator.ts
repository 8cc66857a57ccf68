import type { RunCommand } from './command.ts';
import { recordChange } from './record-change.ts';

/** `users make-operator`: whoever runs the service may see and suspend every business. */
export const makeOperatorCommand: RunCommand<{ email: string; revoke?: true }> = async ({ email, revoke }, context) => {
  const { service, isJson, print } = context;
  const user = await service.auth.people.setOperator(email, revoke !== true);
  const action = revoke === true ? 'users make-operator --revoke' : 'users make-operator';
  await recordChange(context, { action, accountId: null, target: { userId: user._id } });
  print(
    isJson
      ? JSON.stringify({ userId: user._id, email: user.email, isOperator: user.isOperator })
      : `${user.email} ${user.isOperator ? 'runs this service now' : 'no longer runs this service'}`,
  );
  return 0;
};
