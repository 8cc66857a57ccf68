import { z } from 'zod';
import type { RouteBuilder } from '../platform/route.ts';
import type { Product } from './product.model.ts';
import { NewProduct, ProductInput, ProductPatch, ProductView, Sku } from './product.schema.ts';
import type { ProductService } from './product.service.ts';

const SkuParams = z.object({ sku: Sku });
const read = { by: 'business', scope: 'products:read' } as const;
const write = { by: 'business', scope: 'products:write' } as const;

export function productRoutes(route: RouteBuilder, products: ProductService): void {
  route(
    {
      method: 'get',
      path: '/v1/products',
      summary: 'Products in the order of their SKUs; with a query, those that have all its words',
      access: read,
      query: z.strictObject({
        query: z.string().max(200).optional(),
        cursor: z.string().max(200).optional(),
        limit: z.coerce.number().int().min(1).max(500).default(50),
      }),
      answers: { 200: z.strictObject({ data: z.array(ProductView), nextCursor: z.string().nullable() }) },
    },
    async ({ accountId, query }) => {
      const { data, nextCursor } = await products.list(accountId, query);
      return { status: 200, body: { data: data.map(viewOf), nextCursor } };
    },
  );

  route(
    {
      method: 'post',
      path: '/v1/products',
      summary: 'A new product',
      access: write,
      body: NewProduct,
      idempotent: true,
      answers: { 201: ProductView },
    },
    async ({ accountId, body }) => answerWith(201, await products.create(accountId, body)),
  );

  route(
    {
      method: 'put',
      path: '/v1/products/:sku',
      summary: 'Create or replace: the call that a shop makes in real time',
      access: write,
      params: SkuParams,
      body: ProductInput,
      answers: { 200: ProductView, 201: ProductView },
    },
    async ({ accountId, params, body, ifMatch }) => {
      const { product, created } = await products.put(accountId, params.sku, body, ifMatch);
      return answerWith(created ? 201 : 200, product);
    },
  );

  route(
    {
      method: 'patch',
      path: '/v1/products/:sku',
      summary: 'Change some fields; the others stay',
      access: write,
      params: SkuParams,
      body: ProductPatch,
      answers: { 200: ProductView },
    },
    async ({ accountId, params, body, ifMatch }) =>
      answerWith(200, await products.patch(accountId, params.sku, body, ifMatch)),
  );

  route(
    {
      method: 'delete',
      path: '/v1/products/:sku',
      summary: 'Remove a product',
      access: write,
      params: SkuParams,
      answers: { 204: null },
    },
    async ({ accountId, params, ifMatch }) => {
      await products.remove(accountId, params.sku, ifMatch);
      return { status: 204 };
    },
  );
}

function answerWith(status: number, product: Product) {
  return { status, body: viewOf(product), rev: product.rev };
}

function viewOf(product: Product): z.infer<typeof ProductView> {
  return {
    sku: product.sku,
    name: product.name,
    category: product.category,
    price: product.price,
    stock: product.stock,
    quantity: product.quantity ?? null,
    tags: product.tags,
    description: product.description,
    url: product.url ?? null,
    image: product.image ?? null,
    rev: product.rev,
    updatedAt: product.updatedAt.toISOString(),
  };
}
