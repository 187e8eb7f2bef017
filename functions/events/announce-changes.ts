import { readableFacts } from '../../lib/activity/facts.ts';
import { publish } from '../../lib/activity/publish.ts';
import { streamHandler } from '../../lib/events/stream.ts';

/** The table's stream, its only consumer: each write becomes at most one fact on the activity topic. */
export const handler = streamHandler('announce-changes', async (changes, line) => {
  const { facts, readable } = readableFacts(changes);
  line.facts = facts.map(({ fact }) => fact.id);
  const announced = await publish(facts.map(({ fact }) => fact));
  return facts[announced]?.index ?? readable;
});
