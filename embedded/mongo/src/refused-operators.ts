import { isDocument } from './document.ts';
import { refuseFeature } from './errors.ts';

const refusedOperators = new Set([
  '$where', '$function', '$accumulator', '$text', '$near', '$nearSphere', '$geoWithin', '$geoIntersects', '$jsonSchema',
  '$sampleRate', '$meta', '$toDecimal',
]); // prettier-ignore

/** Refuses operators by name wherever they stand: in a filter, a projection, a pipeline. */
export function refuseOperators(value: unknown) {
  if (Array.isArray(value)) return value.forEach(refuseOperators);
  if (!isDocument(value)) return;
  for (const [key, item] of Object.entries(value)) {
    if (refusedOperators.has(key)) refuseFeature(key);
    refuseOperators(item);
  }
}
