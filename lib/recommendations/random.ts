/**
 * Mixes the bits of a whole number, so that neighbours share nothing: the finaliser of MurmurHash3 (Appleby, 2008).
 */
function mixed(word: number): number {
  let bits = word | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** A number from 0 to 2^32 - 1 that follows from a text and a seed alone: FNV-1a (Fowler, Noll, Vo), then mixed. */
export function hashOf(text: string, seed = 0): number {
  let hash = 0x811c9dc5 ^ mixed(seed);
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return mixed(hash);
}

/** Evenly spread numbers of [0, 1) that follow from the seed: a counter in golden steps, mixed (Steele et al., 2014). */
export function randomFrom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    return mixed(state) / 2 ** 32;
  };
}

/** One number of the normal distribution around 0 with deviation 1 (Box and Muller, 1958). */
export function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** One number of Gamma(shape, 1) for shapes of at least 1 (Marsaglia and Tsang, 2000). */
function gamma(shape: number, random: () => number): number {
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(random);
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - random()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** One number of Beta(a, b), both at least 1. */
export function beta(a: number, b: number, random: () => number): number {
  const left = gamma(a, random);
  return left / (left + gamma(b, random));
}
