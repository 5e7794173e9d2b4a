/** Policies and fleets of any size, always the same for the same numbers: material for benchmarks. */

const services = [
  "service roce = 4791/udp",
  "service nccl = 50000-51000/tcp",
  "service nfs  = 2049/tcp, 20048/tcp",
  "service ping = icmp echo",
];

/** So many sentences: two fifths tenants, the rest rules between them. */
export function largePolicy(sentences: number): string {
  const tenants = Math.floor((sentences * 2) / 5);
  const lines = ["rail pf1, pf2", ...services];
  for (let tenant = 0; tenant < tenants; tenant++)
    lines.push(
      `tenant t${tenant} { namespace t${tenant}-train, t${tenant}-eval, t${tenant}-dev-* }`,
    );
  for (let rule = 0; lines.length < sentences; rule++) {
    const one = rule % tenants;
    const other = (one + 1 + Math.floor(rule / tenants)) % tenants;
    lines.push(
      rule % 10 === 9
        ? `deny  t${one}/t${one}-dev-a <-> t${other} : all    because "sandbox ${rule}"`
        : `allow t${one} <-> t${other} : ${rule % 2 === 0 ? "roce" : "nccl, ping"}    owner "team-${one}"`,
    );
  }
  return `${lines.join("\n")}\n`;
}

/** A policy for `largeInventory`: every tenant inside itself, chains of neighbours, storage for all. */
export function fleetPolicy(tenants: number): string {
  const lines = ["rail pf1, pf2", ...services];
  for (let tenant = 0; tenant < tenants; tenant++)
    lines.push(`tenant t${tenant} { namespace t${tenant}-* }`);
  lines.push("tenant storage { network 10.200.0.0/16 }");
  lines.push("allow each tenant <-> itself : roce, nccl, ping");
  for (let tenant = 0; tenant + 1 < tenants; tenant += 10)
    lines.push(`allow t${tenant} <-> t${tenant + 1} : roce on pf1`);
  for (let tenant = 0; tenant < tenants; tenant++) lines.push(`allow t${tenant} -> storage : nfs`);
  return `${lines.join("\n")}\n`;
}

const podsPerNode = 8;

/**
 * Pods with a VF on each of two rails, eight pods of eight tenants on every node, one /24 for each tenant.
 * `endpoints` counts both rails; at most 1,024 tenants and 250 pods for each.
 */
export function largeInventory(endpoints: number, tenants: number): string {
  const pods = Math.floor(endpoints / 2);
  const nodes: Record<string, unknown> = {};
  const list: unknown[] = [];
  for (let pod = 0; pod < pods; pod++) {
    const node = Math.floor(pod / podsPerNode);
    nodes[nodeName(node)] ??= {
      rails: {
        pf1: {
          bridge: "br-pf1",
          uplink: "p0",
          mac: mac(0x0c42a100, node),
          nextHop: "0c:42:a1:ff:00:01",
        },
        pf2: { bridge: "br-pf2", uplink: "p1" },
      },
    };
    const tenant = pod % tenants;
    const member = Math.floor(pod / tenants) + 4;
    for (const rail of [0, 1])
      list.push({
        namespace: `t${tenant}-train`,
        pod: `worker-${pod}`,
        node: nodeName(node),
        rail: `pf${rail + 1}`,
        ips: [`10.${100 + rail * 4 + (tenant >> 8)}.${tenant & 255}.${member}`],
        mac: mac(0x0a580a00 + rail, pod),
        representor: `pf${rail}vf${pod % podsPerNode}`,
      });
  }
  return JSON.stringify({
    version: 1,
    rails: {
      pf1: { mode: "routed", subnets: ["10.100.0.0/14"], gateways: ["10.103.255.1"] },
      pf2: { mode: "bridged", subnets: ["10.104.0.0/14"] },
    },
    nodes,
    endpoints: list,
  });
}

export function nodeName(node: number): string {
  return `gpu-${String(node).padStart(5, "0")}`;
}

function mac(high: number, low: number): string {
  const text = ((BigInt(high) << 16n) | BigInt(low)).toString(16).padStart(12, "0");
  return text.replace(/..(?=.)/g, "$&:");
}
