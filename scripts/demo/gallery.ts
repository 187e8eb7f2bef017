import sharp from 'sharp';
import { photographs } from './photographs.ts';

export interface Picture {
  readonly title: string;
  readonly tag: string;
  readonly bytes: Buffer;
}

/** What the photographs that come with the project show. */
const TAGS: Readonly<Record<string, string>> = {
  'acanthus mollis': 'plants',
  'allium oreophilum': 'plants',
  'march pastoral': 'plants',
  'french alpine landscape': 'mountains',
  'black canyon': 'mountains',
  'airplane from above': 'mountains',
  'nagasaki boats': 'towns',
  'dust bowl home': 'towns',
  'locomotion house cat': 'towns',
};

/** Parts of a photograph that make photos of their own, as shares of its width and height. */
const VIEWS = [
  ['whole', 0, 0, 1, 1],
  ['left', 0, 0, 0.6, 1],
  ['right', 0.4, 0, 0.6, 1],
  ['close', 0.25, 0.25, 0.5, 0.5],
] as const;

/** 36 photos on three subjects: each photograph of the project, and parts of it. */
export async function gallery(): Promise<Picture[]> {
  const all = await photographs(undefined);
  const distinct = [...new Map(all.map((one) => [one.title, one])).values()];
  const pictures = distinct.flatMap(({ title, bytes }) =>
    VIEWS.map(async ([view, left, top, width, height]) => {
      const image = sharp(bytes);
      const whole = await image.metadata();
      const part = image.extract({
        left: Math.floor(left * whole.width),
        top: Math.floor(top * whole.height),
        width: Math.floor(width * whole.width),
        height: Math.floor(height * whole.height),
      });
      return {
        title: view === 'whole' ? title : `${title}, ${view}`,
        tag: TAGS[title] ?? 'others',
        bytes: await part.jpeg({ quality: 85 }).toBuffer(),
      };
    }),
  );
  return Promise.all(pictures);
}
