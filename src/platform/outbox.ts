import { createTransport } from 'nodemailer';
import type { ObjectStore } from './object-store.ts';

/** A plain-text mail to one recipient. `id` names it: posted twice, it is one mail. */
export interface Mail {
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/** Takes mails of any feature. */
export interface Outbox {
  /** Resolves when the mail is safe. @throws what the store throws. */
  post(mail: Mail): Promise<void>;
  /** Takes a mail back, as far as it is still here: somebody whom it tells of wants to be forgotten. */
  withdraw(id: string): Promise<void>;
}

/** Keeps each mail as `ID.eml` (RFC 5322) for people to look at; nothing is sent. */
export function createFolderOutbox(store: ObjectStore, from: string): Outbox {
  const composer = createTransport({ streamTransport: true, buffer: true });
  return {
    async post({ id, to, subject, text }) {
      const { message } = await composer.sendMail({
        from,
        to,
        subject,
        text,
        messageId: `<${id}@chatbusiness.invalid>`,
      });
      await store.put(`${id}.eml`, message as Buffer);
    },
    withdraw: (id) => store.delete(`${id}.eml`),
  };
}
