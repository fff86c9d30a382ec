// Readers, many of them, in one process and one epoll loop.
//
//   load HOST PORT ws|deflate|sse [RCVBUF]
//
// "deflate" offers permessage-deflate and counts what comes without inflating it. One command
// a line on standard input, one answer a line on standard output; times are CLOCK_MONOTONIC, ns:
//
//   connect N EXPECT SEQ AT_ONCE PATH
//       open N more readers, so many at a time, and wait until each has had EXPECT messages
//       and one whose seq is at least SEQ (0: whichever)
//       -> connected OPEN FAILED DEFLATED P50 P99 TOOK   (a reader's own wait; TOOK is of all)
//   arm K TIMEOUT_MS
//       from now on wait until every reader has had K more messages
//       -> armed
//       -> arrived READERS FIRST P50 P99 LAST BYTES
//   cut
//       reset every connection and forget the readers
//       -> cut READERS
//
// The end of standard input, or of the parent, ends it. Pings are answered and not counted.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "reader.h"

#define MAX 19900
#define GIVE_UP 120000000000LL  // ns for a connect of all

static Reader readers[MAX];
static int count, shaking, wanted, asked, at_once, poller;
static long expect, expect_seq;
static long unmet;         // readers that have not reached their target
static int armed, buffer;
static int64_t deadline, began;
static char request[1024], host[64], offer[96];
static int request_size, port;

static void stop(const char *why) {
    fprintf(stderr, "load: %s: %s\n", why, strerror(errno));
    exit(1);
}

static void joined(Reader *r) {
    shaking -= r->joining;
    r->joining = 0;
}

static void die(Reader *r) {
    if (r->state == DEAD) return;
    joined(r);
    r->state = DEAD;
    close(r->fd);
}

static void message(Reader *r) {
    r->seen++;
    if (r->joining) {
        if (r->seen < expect || (expect_seq && seq_of(r) < expect_seq)) return;
        r->at = now();
        joined(r);
    } else if (r->seen == r->target) {
        r->at = now();
        unmet -= armed;
    }
}

static void feed(Reader *r, const uint8_t *data, int n) {
    if (r->state == SHAKING) {
        int took = feed_head(r, data, n);
        data += took, n -= took;
        if (r->state == OPEN && expect == 0) {
            r->at = now();
            joined(r);
        }
    }
    if (r->state != OPEN) return;
    bytes += n;
    if (sse) feed_events(r, data, n);
    else feed_frames(r, data, n);
}

static void listen_to(Reader *r, int how, uint32_t events) {
    struct epoll_event e = {.events = events, .data.ptr = r};
    if (epoll_ctl(poller, how, r->fd, &e) < 0) stop("epoll_ctl");
}

static void open_one(void) {
    Reader *r = &readers[count++];
    memset(r, 0, sizeof *r);
    r->born = now();
    r->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (r->fd < 0) stop("socket");
    if (buffer) setsockopt(r->fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    inet_pton(AF_INET, host, &to.sin_addr);
    shaking++;
    r->joining = 1;
    if (connect(r->fd, (struct sockaddr *)&to, sizeof to) < 0 && errno != EINPROGRESS) {
        die(r);
        return;
    }
    listen_to(r, EPOLL_CTL_ADD, EPOLLOUT);
}

static void ask(Reader *r) {
    if (write(r->fd, request, request_size) != request_size) { die(r); return; }
    r->state = SHAKING;
    listen_to(r, EPOLL_CTL_MOD, EPOLLIN);
}

static void read_one(Reader *r) {
    static uint8_t data[1 << 16];
    ssize_t n = recv(r->fd, data, sizeof data, 0);
    if (n > 0) feed(r, data, (int)n);
    else if (n == 0 || (errno != EAGAIN && errno != EINTR)) die(r);
}

static int by_time(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static int64_t times[MAX];

static int64_t percentile(int n, int p) {
    return n ? times[(n * (long)p + 99) / 100 - 1] : 0;
}

static void tell_connected(void) {
    int open = 0, deflated = 0;
    for (int i = count - asked; i < count; i++) {
        Reader *r = &readers[i];
        if (r->state != OPEN || r->joining) continue;
        deflated += r->deflated;
        times[open++] = r->at - r->born;
    }
    qsort(times, open, sizeof *times, by_time);
    printf("connected %d %d %d %lld %lld %lld\n", open, asked - open, deflated,
           (long long)percentile(open, 50), (long long)percentile(open, 99),
           (long long)(now() - began));
    wanted = 0;
}

static void tell_arrived(void) {
    int n = 0;
    for (int i = 0; i < count; i++)
        if (readers[i].state == OPEN && readers[i].seen >= readers[i].target)
            times[n++] = readers[i].at;
    qsort(times, n, sizeof *times, by_time);
    armed = 0;
    printf("arrived %d %lld %lld %lld %lld %llu\n", n, n ? (long long)times[0] : 0,
           (long long)percentile(n, 50), (long long)percentile(n, 99),
           n ? (long long)times[n - 1] : 0, (unsigned long long)bytes);
}

static void cut_all(void) {
    struct linger hard = {.l_onoff = 1, .l_linger = 0};
    for (int i = 0; i < count; i++) {
        if (readers[i].state == DEAD) continue;
        setsockopt(readers[i].fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
        die(&readers[i]);
    }
    printf("cut %d\n", count);
    count = 0;
}

static void prepare(const char *path) {
    char upgrade[256];
    snprintf(upgrade, sizeof upgrade,
             "Upgrade: websocket\r\nConnection: Upgrade\r\n%s"
             "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n",
             offer);
    request_size = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: %s:%d\r\n%s\r\n",
                            path, host, port, sse ? "Accept: text/event-stream\r\n" : upgrade);
}

static void command(char *line) {
    char path[512];
    int timeout;
    long k;
    if (sscanf(line, "connect %d %ld %ld %d %511s", &asked, &expect, &expect_seq, &at_once,
               path) == 5) {
        if (count + asked > MAX) { errno = EMFILE; stop("connect"); }
        wanted = count + asked;
        prepare(path);
        began = now();
    } else if (sscanf(line, "arm %ld %d", &k, &timeout) == 2) {
        armed = 1, unmet = count, bytes = 0;  // a dead one never comes: the answer says so
        deadline = now() + timeout * 1000000LL;
        for (int i = 0; i < count; i++) readers[i].target = readers[i].seen + k;
        printf("armed\n");
    } else if (!strcmp(line, "cut")) {
        cut_all();
    } else {
        errno = EINVAL;
        stop(line);
    }
}

static void read_commands(void) {
    static char text[4096];
    static int length;
    ssize_t n = read(0, text + length, sizeof text - 1 - length);
    if (n <= 0) exit(0);
    length += (int)n;
    text[length] = 0;
    char *end;
    while ((end = strchr(text, '\n'))) {
        *end = 0;
        command(text);
        length -= (int)(end + 1 - text);
        memmove(text, end + 1, length + 1);
    }
}

static void all_files(void) {
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
}

int main(int argc, char **argv) {
    if (argc < 4) { errno = EINVAL; stop("load HOST PORT ws|deflate|sse [RCVBUF]"); }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_IGN);
    setvbuf(stdout, NULL, _IOLBF, 0);
    snprintf(host, sizeof host, "%s", argv[1]);
    port = atoi(argv[2]);
    sse = !strcmp(argv[3], "sse");
    if (!strcmp(argv[3], "deflate"))  // as browsers do
        strcpy(offer, "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n");
    buffer = argc > 4 ? atoi(argv[4]) : 0;
    all_files();
    poller = epoll_create1(0);
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = NULL}, ready[512];
    epoll_ctl(poller, EPOLL_CTL_ADD, 0, &e);
    for (;;) {
        // In gulps, so that those who are answered are read between.
        for (int i = 0; i < 64 && count < wanted && shaking < at_once; i++) open_one();
        if (wanted && ((count == wanted && shaking == 0) || now() > began + GIVE_UP))
            tell_connected();
        if (armed && (unmet == 0 || now() > deadline)) tell_arrived();
        int hurry = wanted && count < wanted && shaking < at_once;
        int n = epoll_wait(poller, ready, 512, hurry ? 0 : 20);
        for (int i = 0; i < n; i++) {
            Reader *r = ready[i].data.ptr;
            if (r == NULL) read_commands();
            else if (r->state == CALLING) ask(r);
            else if (r->state != DEAD) read_one(r);
        }
    }
}
