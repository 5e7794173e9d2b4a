/** The same question about many ports: a node may have hundreds of them and a few cores. */

const atOnce = 4;

/** The answers in the order of the items, with a few questions under way at a time. */
export async function inParallel<Item, Answer>(
  items: readonly Item[],
  ask: (item: Item) => Promise<Answer>,
): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  const next = items.entries();
  const work = async () => {
    for (const [index, item] of next) answers[index] = await ask(item);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return answers;
}
