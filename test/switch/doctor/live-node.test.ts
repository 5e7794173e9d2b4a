/** Doctor on this machine with a private switch: it says what it sees, and no more, as root and as nobody. */

import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { LiveSource } from "../../../src/switch/doctor/live-source.js";
import type { NodeSource } from "../../../src/switch/doctor/node-source.js";
import { readNodeFacts } from "../../../src/switch/doctor/read-node-facts.js";
import { diagnose, diagnosisOf } from "../../../src/verify/doctor/diagnose.js";
import { railfence } from "../../support/command.js";
import { describeWithOpenVswitch, testSwitch } from "../../support/private-switch.js";
import { HidingSource, recordingText, sourceOf } from "../../support/recorded-node.js";

const folder = mkdtempSync(join(tmpdir(), "railfence-doctor-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const isRoot = process.getuid?.() === 0;
const nobody = 65_534;

/** Without root's rights for a while: the kernel refuses then what it refuses to others. */
async function asNobody<T>(ask: () => Promise<T>): Promise<T> {
  if (!isRoot) return ask();
  chmodSync(folder, 0o755);
  process.seteuid?.(nobody);
  try {
    return await ask();
  } finally {
    process.seteuid?.(0);
  }
}

const ports = [{ name: "br-pf1", ports: ["p0", "pf0vf0"] }];

describeWithOpenVswitch("a private switch", () => {
  test("its datapath is one for tests, so nothing is offloaded", async () => {
    const { runDirectory, vsctl } = await testSwitch({ bridges: ports });
    await vsctl("set", "Open_vSwitch", ".", "other_config:hw-offload=true");
    const { code, out, err } = await railfence(["doctor", "--ovs", runDirectory]);
    // a slow machine says there what it is doing
    expect(err).not.toContain("error");
    expect(code).toBe(3);
    expect(out).toContain("bridge `br-pf1` has datapath_type `dummy`");
    expect(out).toContain("hw-offload is `true`");
    expect(out).not.toContain("internal error");
  });

  test("what `--save` keeps gives the same answer without the switch", async () => {
    const { runDirectory, stop } = await testSwitch({ bridges: ports });
    const file = join(folder, "node.recording");
    const live = await railfence(["doctor", "--ovs", runDirectory, "--save", file]);
    await stop();
    expect((await railfence(["doctor", "--from", file])).out).toBe(live.out);
    expect(live.code).toBe(3);
  });

  test("a node whose switch has stopped is not able, though the pid file is left", async () => {
    const { runDirectory, stopForwarding } = await testSwitch({ bridges: ports });
    await stopForwarding();
    const { code, out } = await railfence(["doctor", "--ovs", runDirectory]);
    expect(code).toBe(3);
    expect(out).toContain("ovs-vswitchd does not run");
  });

  test.runIf(isRoot)(
    "nobody is told what only root may read, and gets no wrong answer",
    async () => {
      const { runDirectory } = await testSwitch({ bridges: ports });
      const { code, out, err } = await asNobody(() => railfence(["doctor", "--ovs", runDirectory]));
      // a slow machine says there what it is doing
      expect(err).not.toContain("error");
      expect(code).not.toBe(0);
      expect(out).toMatch(/Open vSwitch's bridges and settings.*: no permission for/);
      expect(out).toContain("run railfence as root");
      expect(out).not.toContain("does not run");
    },
  );

  test("who may read nothing of the switch and the kernel gets no wrong answer", async () => {
    const { runDirectory } = await testSwitch({ bridges: ports });
    const source = new HidingSource(new LiveSource({ runDirectory }), (what) =>
      /ovs|config|proc/.test(what),
    );
    const findings = diagnose(await readNodeFacts(source), { runDirectory });
    expect(diagnosisOf(findings)).not.toBe("able");
    expect(findings.map(({ code }) => code)).toContain("unknown");
  });
});

describe("a live node", () => {
  test("a file that is not there is absent, one that is forbidden is not", async () => {
    const sysfs = join(folder, "sys");
    mkdirSync(join(sysfs, "class/net"), { recursive: true });
    const secret = join(sysfs, "secret");
    writeFileSync(secret, "1\n");
    chmodSync(secret, 0);
    const source = new LiveSource({ runDirectory: folder, sysfs });
    expect(await source.text("/sys/nothing")).toEqual({ state: "absent" });
    const forbidden = await asNobody(() => source.text("/sys/secret"));
    expect(forbidden).toEqual({
      state: "unreadable",
      obstacle: { kind: "permission", what: "/sys/secret" },
    });
  });

  test("links below another mount point of /sys are told as the node sees them", async () => {
    const sysfs = join(folder, "host-sys");
    const device = join(sysfs, "devices/pci0000:15/0000:18:00.0");
    mkdirSync(join(sysfs, "bus/pci/devices"), { recursive: true });
    mkdirSync(device, { recursive: true });
    symlinkSync(
      "../../../devices/pci0000:15/0000:18:00.0",
      join(sysfs, "bus/pci/devices/0000:18:00.0"),
    );
    const source = new LiveSource({ runDirectory: folder, sysfs });
    expect(await source.target("/sys/bus/pci/devices/0000:18:00.0")).toEqual({
      state: "present",
      value: "/sys/devices/pci0000:15/0000:18:00.0",
    });
    expect(await source.names("/sys/bus/pci/devices")).toEqual({
      state: "present",
      value: ["0000:18:00.0"],
    });
  });

  test("programs that are missing, fail, or are forbidden are kept apart", async () => {
    const source = new LiveSource({ runDirectory: folder });
    const kinds = async (...words: [string, ...string[]]) => {
      const fact = await source.command(...words);
      return fact.state === "unreadable" ? fact.obstacle.kind : fact.state;
    };
    expect(await kinds("railfence-has-no-such-program")).toBe("tool-missing");
    expect(await kinds("false")).toBe("failed");
    expect(await kinds("echo", "hello")).toBe("present");
    expect(
      await kinds("sh", "-c", "echo 'kernel answers: Operation not permitted' >&2; exit 1"),
    ).toBe("permission");
    expect(await kinds("ovs-appctl", "version")).toBe("not-running");
  });

  test("a whole node is read from trees of files, as a container would mount them", async () => {
    const recording = sourceOf(recordingText("healthy-two-rails"));
    const roots = { sysfs: join(folder, "tree/sys"), proc: join(folder, "tree/proc") };
    const writer = new TreeWriter(recording);
    const facts = await readNodeFacts(writer);
    writer.write(roots);
    const live = new LiveSource({ runDirectory: join(folder, "tree/run"), ...roots });
    const seen = await readNodeFacts(live);
    expect(facts.netdevs.state).toBe("present");
    // everything that is files alone
    expect(seen.netdevs).toEqual(facts.netdevs);
    expect(seen.rdma).toEqual(facts.rdma);
    expect(seen.pci).toEqual(facts.pci);
    expect(seen.hostName).toEqual(facts.hostName);
    expect(seen.kernel.loadedModules).toEqual(facts.kernel.loadedModules);
  });
});

/** Keeps what it passes on, and makes files of it. */
class TreeWriter extends HidingSource {
  private readonly links = new Map<string, string>();
  private readonly files = new Map<string, string | Uint8Array>();

  constructor(source: NodeSource) {
    super(source, () => false);
  }

  override async text(path: string) {
    const fact = await super.text(path);
    if (fact.state === "present") this.files.set(path, `${fact.value}\n`);
    return fact;
  }

  override async lines(path: string, pattern: RegExp) {
    const fact = await super.lines(path, pattern);
    if (fact.state === "present") this.files.set(path, `${fact.value.join("\n")}\n`);
    return fact;
  }

  override async bytes(path: string) {
    const fact = await super.bytes(path);
    if (fact.state === "present") this.files.set(path, fact.value);
    return fact;
  }

  override async target(path: string) {
    const fact = await super.target(path);
    if (fact.state === "present") this.links.set(path, fact.value);
    return fact;
  }

  /** Links first: files are named by paths through them. */
  write(roots: { readonly sysfs: string; readonly proc: string }): void {
    const actual = (path: string) =>
      path.replace(/^\/sys\//, `${roots.sysfs}/`).replace(/^\/proc\//, `${roots.proc}/`);
    const own = ([path]: readonly [string, unknown]) => /^\/(sys|proc)\//.test(path);
    for (const [from, to] of [...this.links].filter(own).sort()) {
      mkdirSync(actual(to), { recursive: true });
      mkdirSync(dirname(actual(from)), { recursive: true });
      // several interfaces stand on one device
      if (!existsSync(actual(from))) symlinkSync(actual(to), actual(from));
    }
    for (const [path, content] of [...this.files].filter(own)) {
      mkdirSync(dirname(actual(path)), { recursive: true });
      writeFileSync(actual(path), content);
    }
  }
}
