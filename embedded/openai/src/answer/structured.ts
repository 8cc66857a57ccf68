import { z } from 'zod';
import type { Passage } from '../search.ts';

const amount = z.union([z.string(), z.number().transform(String)]);

const products = z.looseObject({
  total: z.number().optional(),
  products: z.array(
    z.looseObject({
      name: z.string(),
      price: amount.nullish(),
      stock: z.string().nullish(),
      inStock: z.boolean().nullish(),
      category: z.string().nullish(),
      description: z.string().nullish(),
    }),
  ),
});

const dayHours = z.looseObject({
  date: z.iso.date(),
  closed: z.boolean(),
  periods: z.array(z.looseObject({ open: z.string(), close: z.string() })),
  note: z.string().nullish(),
  openNow: z.string().nullish(),
});

export type FoundProduct = z.output<typeof products>['products'][number];
export type DayHours = z.output<typeof dayHours>;

/** A function's output as a list of products, where it is one. */
export function readProducts(output: string): { total: number; products: FoundProduct[] } | undefined {
  const parsed = products.safeParse(parseJson(output));
  if (!parsed.success) return undefined;
  return { total: parsed.data.total ?? parsed.data.products.length, products: parsed.data.products };
}

/** A product as a file lists it: its name for a heading, price and stock on lines of their own; undefined for any other passage. */
export function readListedProduct({ heading, text }: Passage): FoundProduct | undefined {
  const valueOf = (label: string) => new RegExp(`^(?:[-*] )?${label}: (.+)$`, 'im').exec(text)?.[1]?.trim();
  const [price, stock] = [valueOf('price'), valueOf('stock')];
  return price === undefined || stock === undefined
    ? undefined
    : { name: heading.split(' > ').at(-1) ?? '', price, stock };
}

/** A function's output as the hours of a day, where it is that. */
export function readDayHours(output: string): DayHours | undefined {
  const parsed = dayHours.safeParse(parseJson(output));
  return parsed.success ? parsed.data : undefined;
}

/** JSON's value, or the text itself. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
