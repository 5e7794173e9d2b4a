/** The least that must work: on both rails traffic between two VFs, and to the wire, is `offloaded:yes`. */

import type { Box } from "../guest/box.js";
import { sh, sleep } from "../guest/shell.js";

export async function scenario(box: Box): Promise<unknown> {
  await box.plugNic(2);
  await box.startOpenVswitch();
  for (const rail of [0, 1]) {
    const bridge = `br-p${rail}`;
    const ports = [`p${rail}`, `pf${rail}vf0`, `pf${rail}vf1`];
    await box.vsctl(
      ...["add-br", bridge],
      ...ports.flatMap((port) => ["--", "add-port", bridge, port]),
    );
    for (const port of ports) await sh(`ip link set ${port} up`);
    const stations = [`p${rail}v0`, `p${rail}v1`, `p${rail}wire`];
    for (const [index, device] of stations.entries()) {
      await sh(`ip netns add ${device}`);
      await sh(`ip link set ${device} netns ${device}`);
      await sh(`ip -n ${device} addr add 10.9.${rail}.${index + 1}/24 dev ${device}`);
      await sh(`ip -n ${device} link set ${device} up`);
    }
    for (const target of [2, 3])
      await sh(`ip netns exec p${rail}v0 busybox ping -c 6 -i 0.4 -W 2 10.9.${rail}.${target}`);
  }
  await sleep(1500);
  const dump = await box.appctl("dpctl/dump-flows", "-m");
  box.keep("dump.txt", dump);
  const ipv4 = dump.split("\n").filter((line) => line.includes("eth_type(0x0800)"));
  return {
    flows: ipv4.length,
    offloaded: ipv4.filter((line) => line.includes("offloaded:yes, dp:tc")).length,
    filter: await sh("tc -s filter show dev pf0vf0 ingress protocol ip"),
  };
}
