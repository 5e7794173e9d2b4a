/** Files and what they use. */

import { expect, test } from "vitest";
import { checkPolicy } from "../../src/policy/check.js";
import { loadPolicy } from "../../src/policy/load.js";
import { underlined } from "../../src/text/source.js";

function load(files: Record<string, string>, ...paths: string[]) {
  const reads: string[] = [];
  const loaded = loadPolicy(paths, (path) => {
    reads.push(path);
    const text = files[path];
    if (text === undefined) throw new Error(`ENOENT: no such file or directory, open '${path}'`);
    return Promise.resolve(text);
  });
  return loaded.then((result) => ({ ...result, reads }));
}

test("each file is read once, whoever uses it, by paths relative to the user", async () => {
  const { files, reads, diagnostics } = await load(
    {
      "site/a.policy": 'use "b.policy" use "../shared/s.policy"',
      "site/b.policy": 'use "./../shared/s.policy"',
      "shared/s.policy": "service web = 80/tcp",
    },
    ...["site/b.policy", "./site/a.policy", "site/a.policy"],
  );
  expect(reads.toSorted()).toEqual(["shared/s.policy", "site/a.policy", "site/b.policy"]);
  expect(files.map(({ source }) => source.name).toSorted()).toEqual(reads.toSorted());
  expect(diagnostics).toEqual([]);
});

test("two paths of one file are one file, and one circle", async () => {
  const texts: Record<string, string> = {
    "a.policy": 'rail pf1 use "b.policy"',
    "b.policy": "tenant x { namespace x }",
  };
  const identify = (path: string) => path.replace(/^\/home\/(ann|bob)\//, "");
  const load = async (...paths: string[]) =>
    loadPolicy(paths, (path) => texts[identify(path)] ?? expect.fail(path), identify);
  const both = await load("b.policy", "/home/ann/a.policy", "a.policy");
  expect(both.files.map(({ source }) => source.name)).toEqual([
    "/home/ann/a.policy",
    "/home/ann/b.policy",
  ]);
  texts["b.policy"] = 'use "../bob/a.policy"';
  const turning = await load("/home/ann/a.policy", "a.policy");
  expect(turning.diagnostics).toMatchObject([
    {
      code: "import-cycle",
      path: ["/home/ann/a.policy", "/home/ann/b.policy", "/home/bob/a.policy"],
    },
  ]);
});

test("a circle is one mistake, at the `use` that closes it", async () => {
  const circle = { a: 'use "b"', b: 'use "c"', c: '# back\nuse "b"' };
  const { diagnostics } = await load(circle, "a", "b", "c");
  expect(diagnostics).toMatchObject([{ code: "import-cycle", path: ["b", "c", "b"] }]);
  expect(diagnostics.map(({ span }) => underlined(span))).toEqual(['"b"']);
  expect((await load({ a: 'use "a"' }, "a")).diagnostics).toMatchObject([
    { code: "import-cycle", path: ["a", "a"] },
  ]);
});

test("a file that cannot be read is one mistake, and what it might define none", async () => {
  const { files, diagnostics } = await load(
    { a: 'use "gone" rail pf1 allow x -> y : z on pf2' },
    "a",
  );
  expect(diagnostics).toMatchObject([
    { code: "missing-import", path: "gone", reason: "no such file or directory" },
  ]);
  const checked = checkPolicy(files, { today: "2026-11-23" });
  expect(checked).toEqual({ diagnostics: [] });
});

test("a path of the command line that cannot be read is no mistake of a policy", async () => {
  await expect(load({}, "gone")).rejects.toThrow("ENOENT");
});

test("a definition that cannot be read makes no second mistake, others still do", async () => {
  const text = "rail pf1 tenant x { namespace } allow x -> y : z";
  const { files, diagnostics } = await load({ a: text }, "a");
  expect(diagnostics.map(({ code }) => code)).toEqual(["syntax-error"]);
  const checked = checkPolicy(files, { today: "2026-11-23" });
  expect(checked.diagnostics.map(({ span }) => underlined(span))).toEqual(["y", "z"]);
  expect(checked.policy).toBeUndefined();
});
