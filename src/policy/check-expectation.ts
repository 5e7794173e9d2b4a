/** The sentences of a test, with their names resolved. */

import type { ExpectationTree, TestSentence } from "../syntax/tree.js";
import type { Expectation, PolicyTest } from "./checked-policy.js";
import type { Names } from "./names.js";

/** An expectation with a name that is not defined is left out. */
export function checkTest(sentence: TestSentence, names: Names): PolicyTest {
  return {
    title: sentence.title.text,
    expectations: sentence.expectations
      .map((tree) => checkExpectation(tree, names))
      .filter((expectation) => expectation !== undefined),
    span: sentence.span,
  };
}

function checkExpectation(tree: ExpectationTree, names: Names): Expectation | undefined {
  if (tree.kind === "cost") {
    const { kind, measure, atMost, span } = tree;
    return { kind, measure, node: tree.node.text, atMost, span };
  }
  const openers = names.selectors(tree.openers);
  const answerers = names.selectors(tree.answerers);
  const services = names.services(tree.services);
  const rails = names.rails(tree.rails);
  if (
    openers === undefined ||
    answerers === undefined ||
    services === undefined ||
    rails === undefined
  )
    return undefined;
  return {
    kind: "reach",
    openers,
    answerers,
    can: tree.can,
    services: services.names,
    4: services.traffic[4],
    6: services.traffic[6],
    rails,
    ...(tree.because !== undefined && { because: tree.because.text }),
    span: tree.span,
  };
}
