import { stepsSchema } from '../../lib/images/filters/chain.ts';
import { lettered, widthOf } from '../../lib/images/filters/lettering.ts';
import { FILTERS } from '../../lib/images/filters/registry.ts';
import { renderSteps } from '../../lib/images/filters/render.ts';
import { inspectImage } from '../../lib/images/inspect.ts';
import { sharp } from '../../lib/images/vips.ts';

const COLUMNS = 8;
const CELL = 190;
const GAP = 8;
const LABEL = 22;
/** Pixels of the longer side that are looked at: as filters are relative, more would look the same in a cell. */
const ENOUGH = 960;

/** A PNG with the photo, and what each filter and look makes of it with the parameters of its preview. */
export async function filterSheet(photo: Buffer): Promise<{ png: Buffer; count: number }> {
  const bytes = await sharp(photo).autoOrient().resize(ENOUGH, ENOUGH, { fit: 'inside' }).png().toBuffer();
  const facts = await inspectImage(bytes);
  const tall = Math.min(CELL, Math.round((CELL * facts.height) / facts.width));
  const plain = stepsSchema.parse([{ filter: 'exposure', params: { stops: 0 } }]);
  const cells = [
    { title: 'the photo', steps: plain },
    ...FILTERS.map(({ name, kind, preview }) => ({
      title: kind === 'look' ? `look: ${name}` : name,
      steps: stepsSchema.parse([{ filter: name, params: preview }]),
    })),
  ];
  const tiles = [];
  for (const [index, { title, steps }] of cells.entries()) {
    const { renditions } = await renderSteps(bytes, facts, steps);
    const small = renditions.find(({ name }) => name === 'small');
    const left = GAP + (index % COLUMNS) * (CELL + GAP);
    const top = GAP + Math.floor(index / COLUMNS) * (tall + LABEL + GAP);
    tiles.push({ input: await cell(small?.bytes as Buffer, tall), left, top });
    tiles.push({ input: await label(title), left, top: top + tall });
  }
  const rows = Math.ceil(cells.length / COLUMNS);
  const png = await sharp({
    create: {
      width: GAP + COLUMNS * (CELL + GAP),
      height: GAP + rows * (tall + LABEL + GAP),
      channels: 3,
      background: '#202020',
    },
  })
    .composite(tiles)
    .png()
    .toBuffer();
  return { png, count: FILTERS.length };
}

function cell(image: Buffer, tall: number): Promise<Buffer> {
  return sharp(image)
    .resize(CELL, tall, {
      fit: 'contain',
      position: 'bottom',
      background: '#202020',
      withoutEnlargement: true,
    })
    .png()
    .toBuffer();
}

/** In the letters of watermarks: the loader of SVG, and with it text, is blocked wherever photos are made. */
async function label(text: string): Promise<Buffer> {
  const height = Math.min(LABEL - 4, (CELL - 4) / widthOf(text));
  const { data, width, height: rows } = lettered(text, height);
  const pixels = Buffer.from(Uint8Array.from(data, (share) => 32 + share * 190));
  return sharp(pixels, { raw: { width, height: rows, channels: 1 } })
    .png()
    .toBuffer();
}
