// SPDX-License-Identifier: GPL-2.0
/*
 * boxnic: a NIC with two eSwitches, in software, that takes tc-flower offload as mlx5 does in switchdev mode.
 *
 *     p0v0 p0v1 ..      VF netdevs: what a pod gets
 *      |    |
 *   [ eSwitch 0 ]------ p0wire: the far end of the cable, for a leaf switch and the remote pods
 *      |    |    |
 *   pf0vf0 pf0vf1 p0    representors and uplink: what the host's Open vSwitch gets
 *
 * A frame from a VF or from the wire meets the eSwitch's table first. A rule that takes it runs here, and the host's
 * network stack never sees the frame; else it arrives at the representor (or the uplink), the slow path. What the
 * host sends on a representor arrives at its VF, what it sends on the uplink arrives at the wire.
 *
 * Every rule that is accepted can be executed; what cannot is refused with a reason (extack). Messages that mlx5 has
 * are its own words (drivers/net/ethernet/mellanox/mlx5/core/en_tc.c and en/tc/act/ in Linux 6.1), and what it keeps
 * from the kernel log is kept from it here.
 */
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/if_vlan.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/platform_device.h>
#include <linux/workqueue.h>
#include <net/checksum.h>
#include <net/devlink.h>
#include <net/flow_dissector.h>
#include <net/flow_offload.h>
#include <net/ip.h>
#include <net/pkt_cls.h>

#define ESWITCHES 2
#define MAX_VFS 32
#define MAX_ACTIONS 32

static unsigned int vfs = 4;
module_param(vfs, uint, 0444);
MODULE_PARM_DESC(vfs, "virtual functions of each eSwitch");

/* Faults, all of which can be changed while the box runs. */
static unsigned int table_size = 4096;
module_param(table_size, uint, 0644);
MODULE_PARM_DESC(table_size, "rules that the table of one eSwitch holds; one more is refused with -ENOSPC");
static char refused_keys[128];
module_param_string(refused_keys, refused_keys, sizeof(refused_keys), 0644);
MODULE_PARM_DESC(refused_keys, "comma list of frag eth vlan cvlan ipv4 ipv6 ports icmp arp tcp_flags ip");
static char refused_actions[128];
module_param_string(refused_actions, refused_actions, sizeof(refused_actions), 0644);
MODULE_PARM_DESC(refused_actions, "comma list of drop redirect mirror rewrite vlan_push vlan_pop");
static char ignored_keys[128];
module_param_string(ignored_keys, ignored_keys, sizeof(ignored_keys), 0644);
MODULE_PARM_DESC(ignored_keys, "keys that are accepted and then not compared: the rule takes more than was asked");
static bool lying;
module_param(lying, bool, 0644);
MODULE_PARM_DESC(lying, "rules are accepted and never run: every frame goes to the host");
static bool frozen_counters;
module_param(frozen_counters, bool, 0644);
MODULE_PARM_DESC(frozen_counters, "rules run, their counters stand still");
static unsigned int install_delay_ms;
module_param(install_delay_ms, uint, 0644);
MODULE_PARM_DESC(install_delay_ms, "a rule is accepted at once and runs only so much later");
static unsigned int counter_period_ms = 1000;
module_param(counter_period_ms, uint, 0644);
MODULE_PARM_DESC(counter_period_ms, "how often counters are read, as mlx5 does each second (fs_counters.c)");

/* What the tables hold, and what became of the frames: for a scenario to look at. */
static unsigned int installed[ESWITCHES], refused[ESWITCHES], hits[ESWITCHES], misses[ESWITCHES];
module_param_array(installed, uint, NULL, 0444);
module_param_array(refused, uint, NULL, 0444);
module_param_array(hits, uint, NULL, 0444);
module_param_array(misses, uint, NULL, 0444);

struct eswitch;

struct port {
	struct net_device *dev;
	struct port *peer;	/* representor <-> VF, uplink <-> wire */
	struct eswitch *eswitch;
	bool host_side;		/* representor or uplink */
	bool is_uplink;
	struct devlink_port devlink_port;
};

struct eswitch {
	unsigned int number;
	u16 mode;
	struct platform_device *pdev;
	struct devlink *devlink;
	struct net_device *devs[2 * (MAX_VFS + 1)];
	struct list_head rules;
};

/* Everything of a frame that a rule may ask for. */
struct frame_key {
	struct flow_dissector_key_control control;
	struct flow_dissector_key_basic basic;
	struct flow_dissector_key_eth_addrs eth;
	struct flow_dissector_key_vlan vlan;
	struct flow_dissector_key_vlan cvlan;
	struct flow_dissector_key_ipv4_addrs ipv4;
	struct flow_dissector_key_ipv6_addrs ipv6;
	struct flow_dissector_key_ports ports;
	struct flow_dissector_key_icmp icmp;
	struct flow_dissector_key_arp arp;
	struct flow_dissector_key_tcp tcp;
	struct flow_dissector_key_ip ip;
};

static const struct known_key {
	enum flow_dissector_key_id id;
	const char *name;
	size_t offset, size;
} known_keys[] = {
#define KEY(ID, NAME, FIELD) \
	{ FLOW_DISSECTOR_KEY_##ID, NAME, offsetof(struct frame_key, FIELD), sizeof_field(struct frame_key, FIELD) }
	KEY(CONTROL, "frag", control),
	KEY(BASIC, "basic", basic),
	KEY(ETH_ADDRS, "eth", eth),
	KEY(VLAN, "vlan", vlan),
	KEY(CVLAN, "cvlan", cvlan),
	KEY(IPV4_ADDRS, "ipv4", ipv4),
	KEY(IPV6_ADDRS, "ipv6", ipv6),
	KEY(PORTS, "ports", ports),
	KEY(ICMP, "icmp", icmp),
	KEY(ARP, "arp", arp),
	KEY(TCP, "tcp_flags", tcp),
	KEY(IP, "ip", ip),
#undef KEY
};

struct rule_action {
	enum flow_action_id id;
	struct port *out;			/* redirect, mirror */
	__be16 vlan_proto;
	u16 vlan_tci;
	enum flow_action_mangle_base header;	/* rewrite */
	u32 offset, keep, value;
};

struct rule {
	struct list_head list;
	unsigned long cookie;
	struct net_device *in;
	u32 prio;
	__be16 protocol;
	unsigned long runs_from;		/* jiffies */
	struct frame_key key, mask;
	unsigned int n_actions;
	struct rule_action actions[MAX_ACTIONS];
	u64 packets, bytes;			/* what the hardware counted */
	u64 read_packets, read_bytes;		/* at the last reading of the counters */
	u64 told_packets, told_bytes;		/* what tc was told so far */
	unsigned long last_used, read_last_used;
};

static struct eswitch eswitches[ESWITCHES];
static DEFINE_SPINLOCK(table_lock);		/* rules of both eSwitches, and their counters */
static LIST_HEAD(block_callbacks);
static struct flow_dissector frame_dissector;
static struct delayed_work counter_work;
static const struct net_device_ops host_side_ops, far_side_ops;

static bool is_listed(const char *list, const char *name)
{
	size_t length = strlen(name);
	const char *at;

	for (at = list; (at = strstr(at, name)); at += length)
		if ((at == list || at[-1] == ',') && strchr(",\n", at[length]))
			return true;	/* strchr() finds the end of the string, too */
	return false;
}

static struct port *host_side_port(struct net_device *dev)
{
	return dev && dev->netdev_ops == &host_side_ops ? netdev_priv(dev) : NULL;
}

/* ---- the data path ------------------------------------------------------------------------------------------ */

static void deliver(struct port *to, struct sk_buff *skb)
{
	unsigned int length = skb->len;

	if (dev_forward_skb(to->dev, skb) == NET_RX_SUCCESS) {
		to->dev->stats.rx_packets++;
		to->dev->stats.rx_bytes += length;
	} else {
		to->dev->stats.rx_dropped++;
	}
}

static bool takes(const struct rule *rule, const struct frame_key *frame, __be16 protocol)
{
	const u8 *key = (const u8 *)&rule->key, *mask = (const u8 *)&rule->mask, *has = (const u8 *)frame;
	size_t i;

	if (rule->protocol != protocol && rule->protocol != htons(ETH_P_ALL))
		return false;
	for (i = 0; i < sizeof(*frame); i++)
		if ((key[i] ^ has[i]) & mask[i])
			return false;
	return true;
}

static struct rule *lookup(struct port *in, const struct frame_key *frame, __be16 protocol)
{
	struct rule *rule, *best = NULL;

	list_for_each_entry(rule, &in->eswitch->rules, list)
		if (rule->in == in->dev && (!best || rule->prio < best->prio) &&
		    time_after_eq(jiffies, rule->runs_from) && takes(rule, frame, protocol))
			best = rule;
	return best;
}

/* The checksum that covers a 32-bit word of the addresses or the ports, if the packet has one. */
static void mend_transport_checksum(struct sk_buff *skb, const struct frame_key *frame, __be32 from, __be32 to,
				    bool pseudo)
{
	u8 *header = skb_network_header(skb) + frame->control.thoff;
	__sum16 *sum = NULL;

	if (frame->control.flags & FLOW_DIS_IS_FRAGMENT)
		return;
	if (frame->basic.ip_proto == IPPROTO_TCP)
		sum = &((struct tcphdr *)header)->check;
	else if (frame->basic.ip_proto == IPPROTO_UDP && ((struct udphdr *)header)->check)
		sum = &((struct udphdr *)header)->check;
	else if (frame->basic.ip_proto == IPPROTO_ICMPV6 && pseudo)
		sum = &((struct icmp6hdr *)header)->icmp6_cksum;
	if (sum)
		inet_proto_csum_replace4(sum, skb, from, to, pseudo);
}

static void rewrite(struct sk_buff *skb, const struct frame_key *frame, const struct rule_action *action)
{
	u8 *header = skb_network_header(skb);
	__be32 from, to;

	if (action->header == FLOW_ACT_MANGLE_HDR_TYPE_ETH)
		header = skb_mac_header(skb);
	else if (action->header == FLOW_ACT_MANGLE_HDR_TYPE_TCP || action->header == FLOW_ACT_MANGLE_HDR_TYPE_UDP)
		header += frame->control.thoff;
	memcpy(&from, header + action->offset, 4);
	to = (__force __be32)(((__force u32)from & action->keep) | (action->value & ~action->keep));
	memcpy(header + action->offset, &to, 4);
	switch (action->header) {
	case FLOW_ACT_MANGLE_HDR_TYPE_IP4:
		csum_replace4(&ip_hdr(skb)->check, from, to);
		if (action->offset >= offsetof(struct iphdr, saddr))
			mend_transport_checksum(skb, frame, from, to, true);
		break;
	case FLOW_ACT_MANGLE_HDR_TYPE_IP6:
		if (action->offset >= offsetof(struct ipv6hdr, saddr))
			mend_transport_checksum(skb, frame, from, to, true);
		break;
	case FLOW_ACT_MANGLE_HDR_TYPE_TCP:
	case FLOW_ACT_MANGLE_HDR_TYPE_UDP:
		mend_transport_checksum(skb, frame, from, to, false);
		break;
	default:
		break;
	}
}

/* Runs with the frame's data at its Ethernet header, under the table's lock; consumes the frame. */
static void run(const struct rule *rule, const struct frame_key *frame, struct sk_buff *skb)
{
	const struct rule_action *action;
	struct sk_buff *copy;

	for (action = rule->actions; action < rule->actions + rule->n_actions; action++) {
		switch (action->id) {
		case FLOW_ACTION_MANGLE:
			rewrite(skb, frame, action);
			break;
		case FLOW_ACTION_VLAN_PUSH:
			if (skb_vlan_push(skb, action->vlan_proto, action->vlan_tci))
				return;		/* it has freed the frame */
			break;
		case FLOW_ACTION_VLAN_POP:
			skb_vlan_pop(skb);
			break;
		case FLOW_ACTION_MIRRED:
			copy = skb_copy(skb, GFP_ATOMIC);
			if (copy)
				deliver(action->out->peer, copy);
			break;
		case FLOW_ACTION_REDIRECT:
			deliver(action->out->peer, skb);
			return;
		default:			/* drop */
			kfree_skb(skb);
			return;
		}
	}
	kfree_skb(skb);
}

/* A frame that comes in from a VF or from the wire; `in` is the port that stands for it on the host's side. */
static void enter(struct port *in, struct sk_buff *skb)
{
	struct frame_key frame = {};
	__be16 protocol;
	struct rule *rule;

	skb = skb_unshare(skb, GFP_ATOMIC);
	if (!skb || skb_linearize(skb))
		goto drop;
	skb_reset_mac_header(skb);
	skb->protocol = eth_hdr(skb)->h_proto;
	__skb_pull(skb, ETH_HLEN);
	if (eth_type_vlan(skb->protocol)) {
		skb = skb_vlan_untag(skb);
		if (!skb)
			goto drop;
	}
	skb_reset_network_header(skb);
	protocol = skb_protocol(skb, false);
	skb_flow_dissect(skb, &frame_dissector, &frame, FLOW_DISSECTOR_F_STOP_BEFORE_ENCAP);
	__skb_push(skb, ETH_HLEN);

	spin_lock_bh(&table_lock);
	rule = lying ? NULL : lookup(in, &frame, protocol);
	if (rule) {
		hits[in->eswitch->number]++;
		rule->packets++;
		rule->bytes += skb->len;
		rule->last_used = jiffies;
		run(rule, &frame, skb);
	} else {
		misses[in->eswitch->number]++;
		deliver(in, skb);
	}
	spin_unlock_bh(&table_lock);
	return;
drop:
	in->dev->stats.rx_dropped++;
	kfree_skb(skb);
}

static netdev_tx_t box_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct port *port = netdev_priv(dev);

	dev->stats.tx_packets++;
	dev->stats.tx_bytes += skb->len;
	skb_tx_timestamp(skb);
	if (port->host_side)
		deliver(port->peer, skb);
	else if (netif_running(port->peer->dev))
		enter(port->peer, skb);
	else
		kfree_skb(skb);			/* mlx5: a VF is down until its representor is up */
	return NETDEV_TX_OK;
}

/* ---- rules -------------------------------------------------------------------------------------------------- */

static int refuse(struct port *in, int error)
{
	refused[in->eswitch->number]++;
	return error;
}

#define REFUSE(in, extack, error, message) ({ NL_SET_ERR_MSG_MOD(extack, message); refuse(in, error); })

static int read_match(struct port *in, struct rule *rule, struct flow_rule *asked, struct netlink_ext_ack *extack)
{
	struct flow_dissector *dissector = asked->match.dissector;
	unsigned long left = dissector->used_keys & ~BIT(FLOW_DISSECTOR_KEY_META);
	const struct known_key *known;
	struct flow_match_control control = {};

	if (flow_rule_match_key(asked, FLOW_DISSECTOR_KEY_CONTROL))
		flow_rule_match_control(asked, &control);
	for (known = known_keys; known < known_keys + ARRAY_SIZE(known_keys); known++) {
		const u8 *key, *mask;

		if (!(dissector->used_keys & BIT(known->id)))
			continue;
		left &= ~BIT(known->id);
		/* flower keeps the addresses of both families in one place; only this tells which it means */
		if ((known->id == FLOW_DISSECTOR_KEY_IPV4_ADDRS || known->id == FLOW_DISSECTOR_KEY_IPV6_ADDRS) &&
		    (!control.key || control.key->addr_type != known->id))
			continue;
		key = (const u8 *)asked->match.key + dissector->offset[known->id];
		mask = (const u8 *)asked->match.mask + dissector->offset[known->id];
		if (known->id == FLOW_DISSECTOR_KEY_CONTROL) {
			/* the rest of it is bookkeeping of the dissector */
			rule->key.control.flags = control.key->flags;
			rule->mask.control.flags = control.mask->flags;
			if (!rule->mask.control.flags)
				continue;
		} else {
			memcpy((u8 *)&rule->key + known->offset, key, known->size);
			memcpy((u8 *)&rule->mask + known->offset, mask, known->size);
		}
		if (!memchr_inv(mask, 0, known->size))
			continue;
		if (is_listed(refused_keys, known->name)) {
			netdev_dbg(in->dev, "Unsupported key used: %s\n", known->name);
			return REFUSE(in, extack, -EOPNOTSUPP, "Unsupported key");
		}
		if (is_listed(ignored_keys, known->name))
			memset((u8 *)&rule->mask + known->offset, 0, known->size);
	}
	if (left) {
		netdev_dbg(in->dev, "Unsupported key used: 0x%lx\n", left);
		return REFUSE(in, extack, -EOPNOTSUPP, "Unsupported key");
	}
	if (rule->mask.control.flags & FLOW_DIS_FIRST_FRAG)
		return REFUSE(in, extack, -EOPNOTSUPP, "Match on frag first/later is not supported");
	return 0;
}

static int read_output(struct port *in, struct rule *rule, struct rule_action *action,
		       const struct flow_action_entry *asked, struct netlink_ext_ack *extack)
{
	const struct rule_action *before;

	action->out = host_side_port(asked->dev);
	if (!action->out || !netdev_port_same_parent_id(in->dev, asked->dev))
		return REFUSE(in, extack, -EOPNOTSUPP, "devices are not on same switch HW, can't offload forwarding");
	if (action->out == in && in->is_uplink)
		return REFUSE(in, extack, -EOPNOTSUPP, "devices are both uplink, can't offload forwarding");
	if (action->out == in)
		return REFUSE(in, extack, -EOPNOTSUPP, "can't forward from a VF to itself");
	for (before = rule->actions; before < action; before++)
		if (before->out == action->out)
			return REFUSE(in, extack, -EOPNOTSUPP, "can't duplicate output to same device");
	return 0;
}

static bool can_rewrite(const struct flow_action_entry *asked)
{
	switch (asked->mangle.htype) {
	case FLOW_ACT_MANGLE_HDR_TYPE_ETH:
		/* addresses only: another EtherType would be another frame */
		return asked->mangle.offset + 4 <= 2 * ETH_ALEN;
	case FLOW_ACT_MANGLE_HDR_TYPE_IP4:
		return asked->mangle.offset == 0 ? !(~asked->mangle.mask & ~htonl(0x00fc0000)) :
		       asked->mangle.offset == 8 ? !(~asked->mangle.mask & ~htonl(0xff000000)) :
		       asked->mangle.offset == 12 || asked->mangle.offset == 16;
	case FLOW_ACT_MANGLE_HDR_TYPE_IP6:
		return asked->mangle.offset == 4 ? !(~asked->mangle.mask & ~htonl(0x000000ff)) :
		       asked->mangle.offset >= 8 && asked->mangle.offset <= 36;
	case FLOW_ACT_MANGLE_HDR_TYPE_TCP:
	case FLOW_ACT_MANGLE_HDR_TYPE_UDP:
		return asked->mangle.offset == 0;
	default:
		return false;
	}
}

static const char *action_name(enum flow_action_id id)
{
	switch (id) {
	case FLOW_ACTION_DROP:		return "drop";
	case FLOW_ACTION_REDIRECT:	return "redirect";
	case FLOW_ACTION_MIRRED:	return "mirror";
	case FLOW_ACTION_MANGLE:	return "rewrite";
	case FLOW_ACTION_VLAN_PUSH:	return "vlan_push";
	case FLOW_ACTION_VLAN_POP:	return "vlan_pop";
	default:			return NULL;
	}
}

static int read_actions(struct port *in, struct rule *rule, struct flow_rule *asked, struct netlink_ext_ack *extack)
{
	const struct flow_action_entry *entry;
	bool forwards = false, drops = false;
	int i, error;

	flow_action_for_each(i, entry, &asked->action) {
		struct rule_action *action = &rule->actions[rule->n_actions];
		const char *name = action_name(entry->id);

		if (entry->id == FLOW_ACTION_CSUM)
			continue;		/* every rewrite mends what covers it */
		if (entry->id == FLOW_ACTION_REDIRECT_INGRESS || entry->id == FLOW_ACTION_MIRRED_INGRESS)
			return REFUSE(in, extack, -EOPNOTSUPP,
				      "redirect to ingress is supported only for OVS internal ports");
		if (entry->id == FLOW_ACTION_GOTO)
			return REFUSE(in, extack, -EOPNOTSUPP, "Goto action is not supported");
		if (!name)
			return REFUSE(in, extack, -EOPNOTSUPP, "Not implemented offload action");
		if (is_listed(refused_actions, name)) {
			netdev_dbg(in->dev, "The offload action is not supported: %s\n", name);
			return REFUSE(in, extack, -EOPNOTSUPP, "The offload action is not supported");
		}
		if (rule->n_actions == MAX_ACTIONS)
			return REFUSE(in, extack, -EOPNOTSUPP, "too many actions, can't offload");
		action->id = entry->id;
		switch (entry->id) {
		case FLOW_ACTION_REDIRECT:
		case FLOW_ACTION_MIRRED:
			error = read_output(in, rule, action, entry, extack);
			if (error)
				return error;
			forwards = true;
			break;
		case FLOW_ACTION_VLAN_PUSH:
			action->vlan_proto = entry->vlan.proto;
			action->vlan_tci = entry->vlan.vid | entry->vlan.prio << VLAN_PRIO_SHIFT;
			break;
		case FLOW_ACTION_MANGLE:
			if (!can_rewrite(entry)) {
				netdev_warn(in->dev, "attempt to offload an unsupported field (cmd 0, header %d, offset %u)\n",
					    entry->mangle.htype, entry->mangle.offset);
				return REFUSE(in, extack, -EOPNOTSUPP, "attempt to offload an unsupported field");
			}
			action->header = entry->mangle.htype;
			action->offset = entry->mangle.offset;
			action->keep = entry->mangle.mask;
			action->value = entry->mangle.val;
			break;
		case FLOW_ACTION_DROP:
			drops = true;
			break;
		default:
			break;
		}
		rule->n_actions++;
	}
	if (!forwards && !drops)
		return REFUSE(in, extack, -EOPNOTSUPP, "Rule must have at least one forward/drop action");
	return 0;
}

static struct rule *find_rule(struct port *in, unsigned long cookie)
{
	struct rule *rule;

	list_for_each_entry(rule, &in->eswitch->rules, list)
		if (rule->cookie == cookie && rule->in == in->dev)
			return rule;
	return NULL;
}

static int add_rule(struct port *in, struct flow_cls_offload *cls)
{
	struct netlink_ext_ack *extack = cls->common.extack;
	struct flow_rule *asked = flow_cls_offload_flow_rule(cls);
	unsigned int number = in->eswitch->number;
	struct rule *rule;
	int error;

	if (cls->common.chain_index)
		return REFUSE(in, extack, -EOPNOTSUPP, "Requested chain is out of supported range");
	rule = kzalloc(sizeof(*rule), GFP_KERNEL);
	if (!rule)
		return -ENOMEM;
	rule->cookie = cls->cookie;
	rule->in = in->dev;
	rule->prio = cls->common.prio;
	rule->protocol = cls->common.protocol;
	rule->runs_from = jiffies + msecs_to_jiffies(install_delay_ms);
	rule->last_used = rule->read_last_used = jiffies;
	error = read_match(in, rule, asked, extack);
	if (!error)
		error = read_actions(in, rule, asked, extack);
	if (error)
		goto out;
	spin_lock_bh(&table_lock);
	if (find_rule(in, cls->cookie)) {
		error = -EEXIST;
	} else if (installed[number] >= table_size) {
		error = REFUSE(in, extack, -ENOSPC, "flow table is full");
	} else {
		installed[number]++;
		list_add_tail(&rule->list, &in->eswitch->rules);
	}
	spin_unlock_bh(&table_lock);
out:
	if (error)
		kfree(rule);
	return error;
}

static int remove_rule(struct port *in, struct flow_cls_offload *cls)
{
	struct rule *rule;

	spin_lock_bh(&table_lock);
	rule = find_rule(in, cls->cookie);
	if (rule) {
		list_del(&rule->list);
		installed[in->eswitch->number]--;
	}
	spin_unlock_bh(&table_lock);
	kfree(rule);
	return rule ? 0 : -ENOENT;
}

static int tell_counters(struct port *in, struct flow_cls_offload *cls)
{
	struct rule *rule;

	spin_lock_bh(&table_lock);
	rule = find_rule(in, cls->cookie);
	if (rule) {
		flow_stats_update(&cls->stats, rule->read_bytes - rule->told_bytes,
				  rule->read_packets - rule->told_packets, 0, rule->read_last_used,
				  FLOW_ACTION_HW_STATS_DELAYED);
		rule->told_bytes = rule->read_bytes;
		rule->told_packets = rule->read_packets;
	}
	spin_unlock_bh(&table_lock);
	return rule ? 0 : -ENOENT;
}

static void read_counters(struct work_struct *work)
{
	struct rule *rule;
	int i;

	spin_lock_bh(&table_lock);
	for (i = 0; i < ESWITCHES && !frozen_counters; i++)
		list_for_each_entry(rule, &eswitches[i].rules, list) {
			rule->read_packets = rule->packets;
			rule->read_bytes = rule->bytes;
			rule->read_last_used = rule->last_used;
		}
	spin_unlock_bh(&table_lock);
	schedule_delayed_work(&counter_work, msecs_to_jiffies(counter_period_ms));
}

static int block_callback(enum tc_setup_type type, void *data, void *priv)
{
	struct port *in = host_side_port(priv);
	struct flow_cls_offload *cls = data;

	if (type != TC_SETUP_CLSFLOWER || !in)
		return -EOPNOTSUPP;
	switch (cls->command) {
	case FLOW_CLS_REPLACE:
		if (!tc_can_offload_extack(in->dev, cls->common.extack) ||
		    in->eswitch->mode != DEVLINK_ESWITCH_MODE_SWITCHDEV)
			return -EOPNOTSUPP;
		return add_rule(in, cls);
	case FLOW_CLS_DESTROY:
		return remove_rule(in, cls);
	case FLOW_CLS_STATS:
		return tell_counters(in, cls);
	default:
		return -EOPNOTSUPP;
	}
}

static int box_setup_tc(struct net_device *dev, enum tc_setup_type type, void *data)
{
	if (type != TC_SETUP_BLOCK)
		return -EOPNOTSUPP;
	return flow_block_cb_setup_simple(data, &block_callbacks, block_callback, dev, dev, true);
}

/* ---- the devices -------------------------------------------------------------------------------------------- */

static int box_open(struct net_device *dev)
{
	netif_carrier_on(dev);
	return 0;
}

static struct devlink_port *box_devlink_port(struct net_device *dev)
{
	return &((struct port *)netdev_priv(dev))->devlink_port;
}

static void box_drvinfo(struct net_device *dev, struct ethtool_drvinfo *info)
{
	strscpy(info->driver, KBUILD_MODNAME, sizeof(info->driver));
}

static const struct ethtool_ops box_ethtool_ops = {
	.get_drvinfo = box_drvinfo,
	.get_link = ethtool_op_get_link,
};

static const struct net_device_ops host_side_ops = {
	.ndo_open = box_open,
	.ndo_start_xmit = box_xmit,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_setup_tc = box_setup_tc,
	.ndo_get_devlink_port = box_devlink_port,
};

static const struct net_device_ops far_side_ops = {
	.ndo_open = box_open,
	.ndo_start_xmit = box_xmit,
	.ndo_set_mac_address = eth_mac_addr,
};

static void box_setup(struct net_device *dev)
{
	ether_setup(dev);
	eth_hw_addr_random(dev);
	dev->priv_flags |= IFF_LIVE_ADDR_CHANGE | IFF_NO_QUEUE;
	dev->features |= NETIF_F_LLTX;
	dev->max_mtu = 9000;
	dev->ethtool_ops = &box_ethtool_ops;
}

static int mode_get(struct devlink *devlink, u16 *mode)
{
	*mode = (*(struct eswitch **)devlink_priv(devlink))->mode;
	return 0;
}

static int mode_set(struct devlink *devlink, u16 mode, struct netlink_ext_ack *extack)
{
	(*(struct eswitch **)devlink_priv(devlink))->mode = mode;
	return 0;
}

static const struct devlink_ops devlink_ops = {
	.eswitch_mode_get = mode_get,
	.eswitch_mode_set = mode_set,
};

static struct port *add_netdev(struct eswitch *eswitch, unsigned int at, const char *name, bool host_side)
{
	struct net_device *dev = alloc_netdev(sizeof(struct port), name, NET_NAME_PREDICTABLE, box_setup);
	struct port *port;

	if (!dev)
		return NULL;
	port = netdev_priv(dev);
	port->dev = dev;
	port->eswitch = eswitch;
	port->host_side = host_side;
	dev->netdev_ops = host_side ? &host_side_ops : &far_side_ops;
	if (host_side) {
		SET_NETDEV_DEV(dev, &eswitch->pdev->dev);
		dev->hw_features |= NETIF_F_HW_TC;
		dev->features |= NETIF_F_HW_TC;
	}
	eswitch->devs[at] = dev;
	return port;
}

/* Port 0 is the uplink, port n stands for VF n - 1. */
static int add_port(struct eswitch *eswitch, unsigned int n)
{
	static const u8 base_id[] = { 0xb0, 0x0c, 0x51, 0, 0, 0, 0, 0 };
	char here[IFNAMSIZ], there[IFNAMSIZ];
	struct devlink_port_attrs attrs = {};
	struct devlink_port *devlink_port;
	struct port *host, *far;
	int error;

	if (n == 0) {
		snprintf(here, sizeof(here), "p%u", eswitch->number);
		snprintf(there, sizeof(there), "p%uwire", eswitch->number);
	} else {
		snprintf(here, sizeof(here), "pf%uvf%u", eswitch->number, n - 1);
		snprintf(there, sizeof(there), "p%uv%u", eswitch->number, n - 1);
	}
	host = add_netdev(eswitch, 2 * n, here, true);
	far = host ? add_netdev(eswitch, 2 * n + 1, there, false) : NULL;
	if (!far)
		return -ENOMEM;
	host->peer = far;
	far->peer = host;
	host->is_uplink = n == 0;

	devlink_port = &host->devlink_port;
	attrs.flavour = DEVLINK_PORT_FLAVOUR_PHYSICAL;
	attrs.phys.port_number = eswitch->number;
	attrs.switch_id.id_len = sizeof(base_id);
	memcpy(attrs.switch_id.id, base_id, sizeof(base_id));
	attrs.switch_id.id[sizeof(base_id) - 1] = eswitch->number + 1;
	devlink_port_attrs_set(devlink_port, &attrs);
	if (n > 0)
		devlink_port_attrs_pci_vf_set(devlink_port, 0, eswitch->number, n - 1, false);
	error = devlink_port_register(eswitch->devlink, devlink_port, n);
	if (error)
		return error;
	error = register_netdev(host->dev);
	if (!error)
		error = register_netdev(far->dev);
	if (!error)
		devlink_port_type_eth_set(devlink_port, host->dev);
	return error;
}

static void remove_eswitch(struct eswitch *eswitch)
{
	unsigned int i;

	if (IS_ERR_OR_NULL(eswitch->pdev))
		return;
	if (eswitch->devlink)
		devlink_unregister(eswitch->devlink);
	for (i = 0; i < 2 * (vfs + 1); i++) {
		struct net_device *dev = eswitch->devs[i];
		struct port *port = dev ? netdev_priv(dev) : NULL;

		if (port && port->devlink_port.registered)
			devlink_port_type_clear(&port->devlink_port);
		if (dev && dev->reg_state == NETREG_REGISTERED)
			unregister_netdev(dev);
		if (port && port->devlink_port.registered)
			devlink_port_unregister(&port->devlink_port);
	}
	for (i = 0; i < 2 * (vfs + 1); i++)
		if (eswitch->devs[i])
			free_netdev(eswitch->devs[i]);
	if (eswitch->devlink)
		devlink_free(eswitch->devlink);
	platform_device_unregister(eswitch->pdev);
}

static int add_eswitch(struct eswitch *eswitch, unsigned int number)
{
	unsigned int n;
	int error = 0;

	eswitch->number = number;
	eswitch->mode = DEVLINK_ESWITCH_MODE_SWITCHDEV;
	eswitch->pdev = platform_device_register_simple(KBUILD_MODNAME, number, NULL, 0);
	if (IS_ERR(eswitch->pdev))
		return PTR_ERR(eswitch->pdev);
	eswitch->devlink = devlink_alloc(&devlink_ops, sizeof(eswitch), &eswitch->pdev->dev);
	if (!eswitch->devlink)
		return -ENOMEM;
	*(struct eswitch **)devlink_priv(eswitch->devlink) = eswitch;
	for (n = 0; n <= vfs && !error; n++)
		error = add_port(eswitch, n);
	devlink_register(eswitch->devlink);
	return error;
}

static void remove_all(void)
{
	int i;

	cancel_delayed_work_sync(&counter_work);
	for (i = 0; i < ESWITCHES; i++)
		remove_eswitch(&eswitches[i]);
}

static int __init box_init(void)
{
	struct flow_dissector_key keys[ARRAY_SIZE(known_keys)];
	int i, error = 0;

	if (vfs > MAX_VFS)
		return -EINVAL;
	for (i = 0; i < ARRAY_SIZE(known_keys); i++) {
		keys[i].key_id = known_keys[i].id;
		keys[i].offset = known_keys[i].offset;
	}
	skb_flow_dissector_init(&frame_dissector, keys, ARRAY_SIZE(keys));
	INIT_DELAYED_WORK(&counter_work, read_counters);
	for (i = 0; i < ESWITCHES; i++)
		INIT_LIST_HEAD(&eswitches[i].rules);
	for (i = 0; i < ESWITCHES && !error; i++)
		error = add_eswitch(&eswitches[i], i);
	if (error) {
		remove_all();
		return error;
	}
	schedule_delayed_work(&counter_work, msecs_to_jiffies(counter_period_ms));
	return 0;
}

static void __exit box_exit(void)
{
	remove_all();
}

module_init(box_init);
module_exit(box_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("a NIC with two eSwitches that takes tc-flower offload, for tests");
