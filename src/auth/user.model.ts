import { type Connection, type InferSchemaType, Schema } from 'mongoose';

const userSchema = new Schema(
  {
    _id: { type: String, required: true },
    email: { type: String, required: true }, // in lower case
    name: { type: String, required: true },
    passwordHash: { type: String, required: true }, // PHC string
    emailVerifiedAt: { type: Date, default: null },
    isOperator: { type: Boolean, default: false },
    // The business of a sign-up that isn't finished, and until when whoever began it goes on with it; see sign-up.ts.
    unfinished: {
      type: new Schema(
        {
          name: { type: String, required: true },
          timezone: { type: String, required: true },
          claimedUntil: { type: Date, required: true },
        },
        { _id: false, strict: 'throw' },
      ),
      default: null,
    },
  },
  { timestamps: true, strict: 'throw', strictQuery: 'throw' },
);
userSchema.index({ email: 1 }, { unique: true }); // login

export function createUserModel(connection: Connection) {
  return connection.model('user', userSchema, 'users');
}

export type UserModel = ReturnType<typeof createUserModel>;
export type User = InferSchemaType<typeof userSchema>;
