import { z } from 'zod';

/** OpenAI's metadata: 16 pairs of short strings. */
export const metadata = z
  .record(z.string().max(64), z.string().max(512))
  .refine((pairs) => Object.keys(pairs).length <= 16, 'give at most 16 pairs');

/** What filters look at: 16 keys with a string, number or boolean each. */
export const attributes = z
  .record(z.string().min(1).max(64), z.union([z.string().max(512), z.number(), z.boolean()]))
  .refine((pairs) => Object.keys(pairs).length <= 16, 'give at most 16 keys');

export const chunkingStrategy = z.union([
  z.strictObject({ type: z.literal('auto') }),
  z.strictObject({
    type: z.literal('static'),
    static: z
      .strictObject({
        max_chunk_size_tokens: z.number().int().min(100).max(4096),
        chunk_overlap_tokens: z.number().int().min(0),
      })
      .refine(
        (sizes) => sizes.chunk_overlap_tokens * 2 <= sizes.max_chunk_size_tokens,
        'chunk_overlap_tokens is at most half of max_chunk_size_tokens',
      ),
  }),
]);
