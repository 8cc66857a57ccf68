/** A unit vector, or the mean of some. */
export type Direction = Float32Array;

/** As signed bytes, an eighth of the size; the length is lost, which no angle minds. */
export function toBytes(direction: Direction): Uint8Array {
  const largest = direction.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  return new Uint8Array(Int8Array.from(direction, (value) => Math.round((value * 127) / largest)).buffer);
}

/** @throws RangeError without any */
export function meanDirection(directions: Direction[]): Direction {
  const [first] = directions;
  if (!first) throw new RangeError('no direction to take the mean of');
  const mean = new Float32Array(first.length);
  for (const direction of directions) addUnit(mean, direction, lengthOf(direction));
  return mean.map((value) => value / directions.length);
}

interface Centring {
  /** Counts as `besideWeight` more vectors in the centre, so that the centre of a few is not those few. */
  beside: Direction;
  besideWeight: number;
}

export interface Cloud {
  /** The cosine between a direction and each vector as seen from the cloud's centre, -1..1, in the order of the vectors. */
  similaritiesTo(asked: Direction): Float32Array;
}

/**
 * Vectors with their centre. What all of them share (the business's name, its trade, the tone) is taken out of them and of what they are
 * compared with, and what is left tells them apart.
 * @param vectors as `toBytes` made them
 */
export function createCloud(vectors: Uint8Array[], { beside, besideWeight }: Centring): Cloud {
  const signed = vectors.map(({ buffer, byteOffset, byteLength }) => new Int8Array(buffer, byteOffset, byteLength));
  const lengths = signed.map(lengthOf);
  const centre = beside.map((value) => value * besideWeight);
  for (const [at, vector] of signed.entries()) addUnit(centre, vector, lengths[at] ?? 1);
  for (let i = 0; i < centre.length; i += 1) centre[i] = (centre[i] ?? 0) / (vectors.length + besideWeight);
  const centreSquare = dot(centre, centre);
  const distances = signed.map((vector, at) =>
    Math.sqrt(Math.max(1 - (2 * dot(vector, centre)) / (lengths[at] ?? 1) + centreSquare, 0)),
  );

  return {
    similaritiesTo: (asked) => {
      const askedLength = lengthOf(asked);
      const from = asked.map((value, i) => value / askedLength - (centre[i] ?? 0));
      const fromLength = lengthOf(from);
      const fromCentre = dot(from, centre);
      return Float32Array.from(signed, (vector, at) => {
        const span = (distances[at] ?? 0) * fromLength;
        return span === 0 ? 0 : (dot(vector, from) / (lengths[at] ?? 1) - fromCentre) / span;
      });
    },
  };
}

type Numbers = Float32Array | Int8Array;

function lengthOf(vector: Numbers): number {
  return Math.sqrt(dot(vector, vector)) || 1;
}

function dot(a: Numbers, b: Numbers): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

function addUnit(sum: Float32Array, vector: Numbers, length: number): void {
  for (let i = 0; i < sum.length; i += 1) sum[i] = (sum[i] ?? 0) + (vector[i] ?? 0) / length;
}
