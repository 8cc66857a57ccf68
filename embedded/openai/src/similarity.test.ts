import { expect, test } from '@jest/globals';
import { array, assert, float, property } from 'fast-check';
import { createCloud, meanDirection, toBytes } from './similarity.ts';

const SIZE = 16;
const direction = array(float({ min: -1, max: 1, noNaN: true }), { minLength: SIZE, maxLength: SIZE }).map((values) =>
  Float32Array.from(values),
);

test('a similarity is a number from -1 to 1, whatever the vectors, and 1 for the direction itself', () => {
  assert(
    property(direction, array(direction, { minLength: 1, maxLength: 5 }), (asked, others) => {
      const beside = meanDirection([asked, ...others]);
      const similarities = createCloud([asked, ...others].map(toBytes), { beside, besideWeight: 4 }).similaritiesTo(
        asked,
      );
      for (const similarity of similarities) expect(Math.abs(similarity)).toBeLessThanOrEqual(1.000_01);
    }),
  );
  const asked = Float32Array.from({ length: SIZE }, (_, at) => Math.sin(at));
  const [own] = createCloud([toBytes(asked)], { beside: new Float32Array(SIZE), besideWeight: 4 }).similaritiesTo(
    asked,
  );
  expect(own).toBeCloseTo(1, 2);
});

test('what all vectors share tells none of them from the others', () => {
  const shared = [9, 9, 9, 9];
  const vectors = [Float32Array.from([...shared, 1, 0]), Float32Array.from([...shared, 0, 1])];
  const asked = Float32Array.from([...shared, 1, 0]);
  const cloud = createCloud(vectors.map(toBytes), { beside: meanDirection(vectors), besideWeight: 4 });
  const [same = 0, other = 0] = cloud.similaritiesTo(asked);
  expect(same).toBeGreaterThan(0.9);
  expect(other).toBeLessThan(-0.9);
});
