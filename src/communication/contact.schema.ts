import { z } from 'zod';

/** How a business reaches a visitor, whoever wrote it down. */
export const ContactEmail = z.email().max(254);

export const ContactPhone = z
  .string()
  .trim()
  .regex(/^\+?[\d\s().\-/]{5,40}$/, 'must be a phone number');
