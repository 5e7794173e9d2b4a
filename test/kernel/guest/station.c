// SPDX-License-Identifier: Apache-2.0
/*
 * station: the network life of one namespace. Listens on the ports it is given, over UDP and TCP, IPv4 and IPv6,
 * answers what comes by TCP, and does what it is told on stdin, one command a line, one line of answer:
 *
 *   udp  SOURCE TARGET PORT SOURCE-PORT COUNT GAP-MS   datagrams; answers how many were sent
 *   tcp  SOURCE TARGET PORT COUNT GAP-MS               one connection, COUNT words; answers how many came back
 *   ping SOURCE TARGET COUNT GAP-MS                    echo requests; answers how many were answered
 *   raw  DEVICE HEX COUNT                              a frame as it stands; answers how often it was sent
 *   heard                                              PROTOCOL SOURCE PORT COUNT; ... of all that came, then forgets
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_HEARD 4096
#define MAX_SOCKETS 512
#define PATIENCE_MS 1500

struct heard { char protocol[4], source[INET6_ADDRSTRLEN]; int port; long count; };
static struct heard heard[MAX_HEARD];
static int n_heard;
static pthread_mutex_t heard_lock = PTHREAD_MUTEX_INITIALIZER;

static void die(const char *what) { perror(what); exit(1); }

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void note(const char *protocol, const struct sockaddr_in6 *from, int port)
{
	char source[INET6_ADDRSTRLEN];
	int i;

	if (IN6_IS_ADDR_V4MAPPED(&from->sin6_addr))
		inet_ntop(AF_INET, from->sin6_addr.s6_addr + 12, source, sizeof(source));
	else
		inet_ntop(AF_INET6, &from->sin6_addr, source, sizeof(source));
	pthread_mutex_lock(&heard_lock);
	for (i = 0; i < n_heard; i++)
		if (heard[i].port == port && !strcmp(heard[i].protocol, protocol) && !strcmp(heard[i].source, source))
			break;
	if (i == n_heard && n_heard < MAX_HEARD) {
		n_heard++;
		snprintf(heard[i].protocol, sizeof(heard[i].protocol), "%s", protocol);
		snprintf(heard[i].source, sizeof(heard[i].source), "%s", source);
		heard[i].port = port;
		heard[i].count = 0;
	}
	if (i < n_heard)
		heard[i].count++;
	pthread_mutex_unlock(&heard_lock);
}

static int listening(int type, int port)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	int fd = socket(AF_INET6, type, 0), on = 1, off = 0;

	if (fd < 0)
		die("socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	if (bind(fd, (struct sockaddr *)&any, sizeof(any)) || (type == SOCK_STREAM && listen(fd, 64)))
		die("listen");
	return fd;
}

struct ears { int n, n_listening, ports[MAX_SOCKETS]; struct pollfd fds[MAX_SOCKETS]; char type[MAX_SOCKETS]; };

/* For ever: counts datagrams and connections, sends back what comes over a connection. */
static void *listen_for_ever(void *argument)
{
	struct ears *ears = argument;
	struct sockaddr_in6 from;
	char buffer[2048];
	socklen_t length;
	ssize_t got;
	int i, fd;

	for (;;) {
		poll(ears->fds, ears->n, -1);
		for (i = 0; i < ears->n; i++) {
			if (!ears->fds[i].revents)
				continue;
			length = sizeof(from);
			if (ears->type[i] == 'u') {
				if (recvfrom(ears->fds[i].fd, buffer, sizeof(buffer), 0, (struct sockaddr *)&from,
					     &length) >= 0)
					note("udp", &from, ears->ports[i]);
			} else if (ears->type[i] == 't') {
				fd = accept(ears->fds[i].fd, (struct sockaddr *)&from, &length);
				if (fd < 0)
					continue;
				note("tcp", &from, ears->ports[i]);
				if (ears->n == MAX_SOCKETS) {
					close(fd);
					continue;
				}
				ears->fds[ears->n] = (struct pollfd){ .fd = fd, .events = POLLIN };
				ears->type[ears->n++] = 'c';
			} else {
				got = read(ears->fds[i].fd, buffer, sizeof(buffer));
				if (got > 0 && write(ears->fds[i].fd, buffer, got) == got)
					continue;
				close(ears->fds[i].fd);
				ears->n--;
				ears->fds[i] = ears->fds[ears->n];
				ears->type[i] = ears->type[ears->n];
				i--;
			}
		}
	}
	return NULL;
}

static struct addrinfo *address(const char *text, const char *port)
{
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_DGRAM }, *found;

	return getaddrinfo(text, port, &hints, &found) ? NULL : found;
}

/* A socket bound to the source and connected (or connecting) to the target; -1 with errno. */
static int connected(int type, int protocol, const char *source, const char *source_port, const char *target,
		     const char *port)
{
	struct addrinfo *from = address(source, source_port), *to = address(target, port);
	int fd = -1, on = 1;

	if (!from || !to || from->ai_family != to->ai_family) {
		errno = EINVAL;
		return -1;
	}
	if (protocol == IPPROTO_ICMP && to->ai_family == AF_INET6)
		protocol = IPPROTO_ICMPV6;
	fd = socket(to->ai_family, type, protocol);
	if (fd >= 0) {
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
		if (type == SOCK_STREAM)
			fcntl(fd, F_SETFL, O_NONBLOCK);
		if (bind(fd, from->ai_addr, from->ai_addrlen) ||
		    (connect(fd, to->ai_addr, to->ai_addrlen) && errno != EINPROGRESS)) {
			close(fd);
			fd = -1;
		}
	}
	freeaddrinfo(from);
	freeaddrinfo(to);
	return fd;
}

static int ready(int fd, short events, int patience_ms)
{
	struct pollfd each = { .fd = fd, .events = events };

	return poll(&each, 1, patience_ms) == 1 && !(each.revents & (POLLERR | POLLHUP));
}

static int send_udp(char **word)
{
	int fd = connected(SOCK_DGRAM, 0, word[1], word[4], word[2], word[3]), count = atoi(word[5]), sent = 0, i;

	for (i = 0; fd >= 0 && i < count; i++) {
		if (send(fd, "railfence", 9, 0) == 9)
			sent++;
		usleep(atoi(word[6]) * 1000);
	}
	if (fd >= 0)
		close(fd);
	return sent;
}

static int talk_tcp(char **word)
{
	int fd = connected(SOCK_STREAM, 0, word[1], "0", word[2], word[3]), count = atoi(word[4]), back = 0, i;
	char buffer[64];

	for (i = 0; fd >= 0 && ready(fd, POLLOUT, PATIENCE_MS) && i < count; i++) {
		if (write(fd, "railfence", 9) != 9 || !ready(fd, POLLIN, PATIENCE_MS) ||
		    read(fd, buffer, sizeof(buffer)) <= 0)
			break;
		back++;
		usleep(atoi(word[5]) * 1000);
	}
	if (fd >= 0)
		close(fd);
	return back;
}

/* ping(7)-like sockets would do, but need a sysctl; a raw one sees the answers of others and must look twice. */
static int ping(char **word)
{
	int fd = connected(SOCK_RAW, IPPROTO_ICMP, word[1], NULL, word[2], NULL), count = atoi(word[3]), back = 0, i;
	int is_ipv6 = strchr(word[2], ':') != NULL;
	static unsigned short id;
	unsigned char buffer[2048];

	id = htons((getpid() + ntohs(id) + 1) & 0xffff);
	for (i = 0; fd >= 0 && i < count; i++) {
		struct icmphdr echo = { .type = is_ipv6 ? ICMP6_ECHO_REQUEST : ICMP_ECHO };
		unsigned int sum = 0;
		long until = now_ms() + PATIENCE_MS;
		size_t at;

		echo.un.echo.id = id;
		echo.un.echo.sequence = htons(i);
		for (at = 0; at < sizeof(echo) / 2; at++)
			sum += ((unsigned short *)&echo)[at];
		sum = (sum & 0xffff) + (sum >> 16);
		echo.checksum = is_ipv6 ? 0 : ~(sum + (sum >> 16));	/* the kernel does it for ICMPv6 */
		if (send(fd, &echo, sizeof(echo), 0) != sizeof(echo))
			break;
		while (now_ms() < until && ready(fd, POLLIN, until - now_ms())) {
			ssize_t got = read(fd, buffer, sizeof(buffer));
			struct icmphdr *answer = (void *)(buffer + (is_ipv6 ? 0 : 4 * (buffer[0] & 15)));

			if (got >= (ssize_t)sizeof(*answer) && answer->un.echo.id == id &&
			    answer->un.echo.sequence == echo.un.echo.sequence &&
			    answer->type == (is_ipv6 ? ICMP6_ECHO_REPLY : ICMP_ECHOREPLY)) {
				back++;
				break;
			}
		}
		usleep(atoi(word[4]) * 1000);
	}
	if (fd >= 0)
		close(fd);
	return back;
}

static int send_raw(char **word)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_ifindex = if_nametoindex(word[1]) };
	int fd = socket(AF_PACKET, SOCK_RAW, 0), count = atoi(word[3]), sent = 0;
	unsigned char frame[2048];
	size_t length = 0;
	unsigned int byte;
	char *at;

	for (at = word[2]; sscanf(at, "%2x", &byte) == 1 && length < sizeof(frame); at += 2)
		frame[length++] = byte;
	while (fd >= 0 && count-- > 0)
		if (sendto(fd, frame, length, 0, (struct sockaddr *)&to, sizeof(to)) == (ssize_t)length)
			sent++;
	if (fd >= 0)
		close(fd);
	return sent;
}

static void tell_heard(void)
{
	int i;

	pthread_mutex_lock(&heard_lock);
	for (i = 0; i < n_heard; i++)
		printf("%s %s %d %ld; ", heard[i].protocol, heard[i].source, heard[i].port, heard[i].count);
	n_heard = 0;
	pthread_mutex_unlock(&heard_lock);
	printf("\n");
}

int main(int argc, char **argv)
{
	static struct ears ears;
	static char line[8192];
	pthread_t listener;
	int i;

	for (i = 1; i < argc; i++) {
		ears.ports[ears.n] = ears.ports[ears.n + 1] = atoi(argv[i]);
		ears.type[ears.n] = 'u';
		ears.fds[ears.n++] = (struct pollfd){ .fd = listening(SOCK_DGRAM, atoi(argv[i])), .events = POLLIN };
		ears.type[ears.n] = 't';
		ears.fds[ears.n++] = (struct pollfd){ .fd = listening(SOCK_STREAM, atoi(argv[i])), .events = POLLIN };
	}
	if (pthread_create(&listener, NULL, listen_for_ever, &ears))
		die("pthread_create");
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("ready\n");
	while (fgets(line, sizeof(line), stdin)) {
		char *word[8] = {}, *at = strtok(line, " \n");
		int n = 0;

		for (; at && n < 8; at = strtok(NULL, " \n"))
			word[n++] = at;
		if (n == 7 && !strcmp(word[0], "udp"))
			printf("%d\n", send_udp(word));
		else if (n == 6 && !strcmp(word[0], "tcp"))
			printf("%d\n", talk_tcp(word));
		else if (n == 5 && !strcmp(word[0], "ping"))
			printf("%d\n", ping(word));
		else if (n == 4 && !strcmp(word[0], "raw"))
			printf("%d\n", send_raw(word));
		else if (n == 1 && !strcmp(word[0], "heard"))
			tell_heard();
		else
			printf("what? %s\n", n ? word[0] : "");
	}
	return 0;
}
