/** What the box boots: Debian's stock kernel, and an initramfs with its modules, the driver and guest/init. Built once, kept by content. */

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { here, kernelRelease, repository } from "./readiness.js";

const exec = promisify(execFile);
const cache = join(repository, "node_modules/.cache/box");

/** Modules of the stock kernel, with all that they need. */
const modules = [
  ...["virtio_pci", "9p", "9pnet_virtio", "overlay"],
  ...["openvswitch", "cls_flower", "cls_matchall", "sch_ingress", "veth", "dummy", "8021q"],
  ...["act_mirred", "act_gact", "act_pedit", "act_csum", "act_vlan", "act_police", "act_skbedit"],
];

export interface Image {
  readonly kernel: string;
  readonly initramfs: string;
  /** The driver, for the scenario to load, and the program that pods run. */
  readonly tools: readonly string[];
  readonly release: string;
}

/** @throws with the last words of the program that failed */
export async function buildImage(say: (line: string) => void): Promise<Image> {
  const release = await kernelRelease();
  if (release === undefined) throw new Error("apt knows no linux-image-amd64");
  const kernel = await kept(
    `kernel-${await versionOf(release)}-${hashOf([...modules, "unpacked"])}`,
    (folder) => {
      say(`fetching linux-image-${release} (70 MB, once)`);
      return fetchKernel(folder, release);
    },
  );
  const sources = ["driver/boxnic.c", "driver/Kbuild", "guest/init", "guest/station.c"].map(
    (path) => readFileSync(join(here, path), "utf8"),
  );
  const image = await kept(`image-${release}-${hashOf([kernel, ...sources])}`, (folder) => {
    say(`building the driver and the initramfs for ${release}`);
    return buildInitramfs(folder, kernel, release);
  });
  return {
    kernel: join(kernel, "vmlinux"),
    initramfs: join(image, "initramfs.gz"),
    tools: [join(image, "boxnic.ko"), join(image, "station")],
    release,
  };
}

/** A folder of the cache; made under another name first, so that it is complete or not there. */
async function kept(name: string, make: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(cache, name);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const unfinished = mkdtempSync(join(cache, "unfinished-"));
  try {
    await make(unfinished);
    renameSync(unfinished, folder);
  } catch (error) {
    // another process may have been faster
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return folder;
}

/** The package itself, unpacked: nothing is installed, and no boot loader is touched. */
async function fetchKernel(folder: string, release: string): Promise<void> {
  const name = `linux-image-${release}`;
  // as root, apt wants to download as the user _apt, who may not write here
  await exec("apt-get", ["-q", "-o", "APT::Sandbox::User=root", "download", name], { cwd: folder });
  const [deb] = readdirSync(folder).filter((file) => file.endsWith(".deb"));
  if (deb === undefined) throw new Error(`apt-get downloaded no ${name}`);
  const root = join(folder, "root");
  await exec("dpkg-deb", ["-x", join(folder, deb), root]);
  await exec("depmod", ["-b", root, release], { env: withSbin });
  mkdirSync(join(folder, "modules"));
  const list = await neededModules(root, release);
  for (const path of list) copyFileSync(path, join(folder, "modules", basename(path)));
  writeFileSync(join(folder, "modules/list"), `${list.map((path) => basename(path)).join("\n")}\n`);
  await unpackKernel(join(root, `boot/vmlinuz-${release}`), join(folder, "vmlinux"));
  rmSync(root, { recursive: true });
  rmSync(join(folder, deb));
}

/**
 * QEMU starts an ELF kernel directly (PVH), where a compressed one would unpack itself in emulation, which takes seconds.
 * Where it lies in the file: Documentation/x86/boot.rst, payload_offset and payload_length; a length follows the xz stream.
 */
async function unpackKernel(from: string, to: string): Promise<void> {
  const image = readFileSync(from);
  const start = ((image[0x1f1] || 4) + 1) * 512 + image.readUInt32LE(0x248);
  const payload = image.subarray(start, start + image.readUInt32LE(0x24c) - 4);
  if (payload.subarray(1, 5).toString("latin1") !== "7zXZ") return copyFileSync(from, to);
  writeFileSync(`${to}.xz`, payload);
  await exec("xz", ["-d", `${to}.xz`]);
}

/** In the order in which they can be loaded. */
async function neededModules(root: string, release: string): Promise<string[]> {
  const paths = new Set<string>();
  for (const name of modules) {
    const words = ["-d", root, "-S", release, "--show-depends", name];
    const { stdout } = await exec("modprobe", words, { env: withSbin });
    for (const [, path] of stdout.matchAll(/^insmod (\S+)/gm)) if (path) paths.add(path);
  }
  return [...paths];
}

async function buildInitramfs(folder: string, kernel: string, release: string): Promise<void> {
  const driver = join(folder, "driver");
  mkdirSync(driver);
  for (const file of ["boxnic.c", "Kbuild"])
    copyFileSync(join(here, "driver", file), join(driver, file));
  const headers = `/usr/src/linux-headers-${release}`;
  await exec("make", ["-s", "-C", headers, `M=${driver}`, "modules"]);
  await exec("strip", ["--strip-debug", join(driver, "boxnic.ko")]);

  const root = join(folder, "root");
  for (const name of ["bin", "proc", "dev", "host", "layer", "root", "modules"])
    mkdirSync(join(root, name), { recursive: true });
  for (const file of readdirSync(join(kernel, "modules")))
    copyFileSync(join(kernel, "modules", file), join(root, "modules", file));
  copyFileSync(await busybox(), join(root, "bin/busybox"));
  symlinkSync("busybox", join(root, "bin/sh"));
  copyFileSync(join(here, "guest/init"), join(root, "init"));
  chmodSync(join(root, "init"), 0o755);
  const archive = 'cd "$1" && find . | busybox cpio -o -H newc 2>/dev/null | gzip -1 >"$2"';
  await exec("sh", ["-c", archive, "sh", root, join(folder, "initramfs.gz")], { env: withSbin });
  copyFileSync(join(driver, "boxnic.ko"), join(folder, "boxnic.ko"));
  const station = ["-Wall", "-O1", "-pthread", join(here, "guest/station.c")];
  await exec("gcc", [...station, "-o", join(folder, "station")]);
  rmSync(driver, { recursive: true });
  rmSync(root, { recursive: true });
}

async function busybox(): Promise<string> {
  const { stdout } = await exec("sh", ["-c", "command -v busybox"], { env: withSbin });
  return stdout.trim();
}

async function versionOf(release: string): Promise<string> {
  const words = ["show", "--no-all-versions", `linux-image-${release}`];
  const { stdout } = await exec("apt-cache", words);
  return `${release}-${/^Version: (\S+)/m.exec(stdout)?.[1] ?? "unknown"}`;
}

function hashOf(texts: readonly string[]): string {
  return createHash("sha256").update(texts.join("\0")).digest("hex").slice(0, 16);
}

const withSbin = { ...process.env, PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin` };
