/** Whether the box can run here, and if not, what is missing. */

import { execFile } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const exec = promisify(execFile);

export const here = fileURLToPath(new URL(".", import.meta.url));
export const repository = fileURLToPath(new URL("../..", import.meta.url));

/** Programs, and the Debian packages that have them. */
const programs: Readonly<Record<string, string>> = {
  "qemu-system-x86_64": "qemu-system-x86",
  busybox: "busybox-static",
  make: "make",
  gcc: "gcc",
  strip: "binutils",
  xz: "xz-utils",
  depmod: "kmod",
  ip: "iproute2",
  tc: "iproute2",
  ethtool: "ethtool",
  "ovs-vswitchd": "openvswitch-switch",
  "apt-get": "apt",
  "dpkg-deb": "dpkg",
};

/** The release that Debian's `linux-image-amd64` stands for, such as `6.1.0-56-amd64`. */
export async function kernelRelease(): Promise<string | undefined> {
  try {
    const { stdout } = await exec("apt-cache", ["depends", "linux-image-amd64"]);
    return /Depends: linux-image-(\S+)/.exec(stdout)?.[1];
  } catch {
    return undefined;
  }
}

/** Why the box cannot run here, in words; undefined where it can. */
export async function whyNot(): Promise<string | undefined> {
  if (process.platform !== "linux" || process.arch !== "x64")
    return "the box is Debian's kernel for amd64, on Linux";
  const packages = new Set(
    Object.entries(programs).flatMap(([name, from]) => (isThere(name) ? [] : [from])),
  );
  const release = await kernelRelease();
  if (release === undefined && packages.size === 0)
    return "apt knows no linux-image-amd64: run `apt-get update`; the box needs Debian";
  if (release !== undefined && !existsSync(`/usr/src/linux-headers-${release}/Makefile`))
    packages.add(`linux-headers-${release}`);
  if (packages.size === 0) return undefined;
  const list = [...packages].join(" ");
  return `missing packages: ${list} (\`test/support/set-up.sh box\` installs them, as root or with sudo)`;
}

function isThere(program: string): boolean {
  const folders = [...(process.env["PATH"] ?? "").split(":"), "/usr/sbin", "/sbin"];
  return folders.some((folder) => {
    try {
      accessSync(`${folder}/${program}`, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
