import { z } from 'zod';
import { lineField, textField, WebAddress } from '../platform/clean-text.ts';

const ISO_4217 = new Set(Intl.supportedValuesOf('currency'));

export const Sku = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^(?!\.{1,2}$)[^\p{Cc}\p{Cs}/]+$/u, 'must not be a dot or two, nor contain control characters or a slash');

export const Money = z.strictObject({
  amount: z.int().min(0).max(1_000_000_000).describe('in minor units: 450 is $4.50'),
  currency: z.string().refine((code) => ISO_4217.has(code), 'must be an ISO 4217 code such as USD'),
});
export type Money = z.infer<typeof Money>;

export const Stock = z.enum(['in_stock', 'out_of_stock', 'preorder']);
export type Stock = z.infer<typeof Stock>;

const fields = {
  name: lineField(200),
  category: textField(100),
  price: Money.nullable(),
  stock: Stock,
  quantity: z.int().min(0).max(1_000_000_000).nullable(),
  tags: z.array(lineField(50)).max(30),
  description: textField(8000),
  url: WebAddress.nullable(),
  image: WebAddress.nullable(),
};

/** A whole product; what is absent gets its default. */
export const ProductInput = z
  .strictObject({
    ...fields,
    category: fields.category.default(''),
    price: fields.price.default(null),
    stock: fields.stock.default('in_stock'),
    quantity: fields.quantity.default(null),
    tags: fields.tags.default([]),
    description: fields.description.default(''),
    url: fields.url.default(null),
    image: fields.image.default(null),
  })
  .meta({ id: 'ProductInput' });
export type ProductInput = z.infer<typeof ProductInput>;

export const NewProduct = z.strictObject({ sku: Sku, ...ProductInput.shape }).meta({ id: 'NewProduct' });
export type NewProduct = z.infer<typeof NewProduct>;

/** What is absent stays as it is. */
export const ProductPatch = z.strictObject(fields).partial().meta({ id: 'ProductPatch' });
export type ProductPatch = z.infer<typeof ProductPatch>;

export const ProductView = z
  .strictObject({ sku: z.string(), ...fields, rev: z.int(), updatedAt: z.iso.datetime() })
  .meta({ id: 'Product' });
export type ProductView = z.infer<typeof ProductView>;
