import { type Connection, type InferSchemaType, Schema } from 'mongoose';
import { tenantGuard } from '../platform/tenant-guard.ts';
import type { Money, Stock } from './product.schema.ts';

const productSchema = new Schema(
  {
    accountId: { type: String, required: true },
    sku: { type: String, required: true },
    name: { type: String, required: true },
    category: { type: String, default: '' },
    price: { type: { amount: Number, currency: String }, _id: false, default: null }, // minor units; ISO 4217
    priceValue: { type: Number, default: null }, // in major units, to sort and compare by
    stock: { type: String, required: true },
    quantity: { type: Number, default: null },
    tags: { type: [String], required: true },
    description: { type: String, default: '' },
    url: { type: String, default: null },
    image: { type: String, default: null },
    skuHash: { type: String, required: true }, // first 32 bits of SHA-256, hex: its place in the trie of product files
    terms: { type: [String], required: true }, // folded words of name, category, tags and description
    rev: { type: Number, required: true },
  },
  { timestamps: true, strict: 'throw', strictQuery: 'throw' },
);
productSchema.index({ accountId: 1, sku: 1 }, { unique: true }); // PUT /v1/products/:sku, and the list
productSchema.index({ accountId: 1, skuHash: 1 }); // rendering, leaf by leaf
productSchema.index({ accountId: 1, terms: 1 }); // find_products and GET /v1/products?query=
productSchema.index({ accountId: 1, priceValue: 1 }); // the cheapest, the dearest, under an amount
productSchema.plugin(tenantGuard);

export function createProductModel(connection: Connection) {
  return connection.model('product', productSchema, 'products');
}

export type Product = Omit<InferSchemaType<typeof productSchema>, 'price' | 'stock'> & {
  price: Money | null;
  stock: Stock;
};
