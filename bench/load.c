// Readers, many of them, in one process and one epoll loop.
//
//   load HOST PORT ws|sse
//
// One command a line on standard input, one answer a line on standard output:
//
//   connect N EXPECT PATH   open N more readers and wait until each has had EXPECT messages
//                           -> connected OPEN FAILED
//   arm K TIMEOUT_MS        from now on wait until every reader has had K more messages
//                           -> armed
//                           -> arrived READERS FIRST P50 P99 LAST BYTES   (CLOCK_MONOTONIC, ns)
//
// The end of standard input, or of the parent, ends it. Pings are answered and not counted.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX 19000
#define IN_FLIGHT 128  // handshakes at a time: fewer than any listen backlog

typedef struct {
    int fd;
    enum { SHAKING, OPEN, DEAD } state;
    int joining;           // it has not had its first messages yet
    uint32_t tail;         // the last four bytes of the head of the answer
    char status[12];
    int got;               // bytes of status
    uint8_t head[10];      // of the frame that is coming
    int head_got;
    uint64_t left;         // bytes of its payload
    int in_payload;
    uint8_t ping[125];
    int ping_got;
    int newline;           // the last byte of the stream was one (SSE)
    long seen, target;
    int64_t at;            // when the target was reached
} Reader;

static Reader readers[MAX];
static int count, shaking, wanted, expect_first, sse, poller;
static long unmet;         // readers that have not reached their target
static int armed;
static int64_t deadline;
static uint64_t bytes;
static char path[512], host[64];
static int port;

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void stop(const char *why) {
    fprintf(stderr, "load: %s: %s\n", why, strerror(errno));
    exit(1);
}

static void die(Reader *r) {
    if (r->state == DEAD) return;
    shaking -= r->joining;
    r->joining = 0;
    r->state = DEAD;
    close(r->fd);
}

static void message(Reader *r) {
    r->seen++;
    if (r->seen != r->target) return;
    r->at = now();
    unmet -= armed;
    shaking -= r->joining;
    r->joining = 0;
}

static void pong(Reader *r) {
    uint8_t frame[131] = {0x8A, 0x80 | r->ping_got, 0, 0, 0, 0};  // a mask of zeros
    memcpy(frame + 6, r->ping, r->ping_got);
    if (write(r->fd, frame, 6 + r->ping_got) < 0) die(r);
}

static void feed_events(Reader *r, const uint8_t *data, int n) {
    for (int i = 0; i < n; i++) {
        if (data[i] == '\n' && r->newline) {
            r->newline = 0;
            message(r);
        } else {
            r->newline = data[i] == '\n';
        }
    }
}

static void frame_end(Reader *r) {
    int opcode = r->head[0] & 15;
    r->head_got = r->in_payload = 0;
    if (opcode == 1 || opcode == 2) message(r);
    else if (opcode == 9) pong(r);
    else if (opcode == 8) die(r);
}

static void feed_frames(Reader *r, const uint8_t *data, int n) {
    while (n > 0 && r->state == OPEN) {
        if (!r->in_payload) {
            r->head[r->head_got++] = *data++;
            n--;
            int size = r->head_got < 2 ? 0 : r->head[1] & 127;
            int need = size == 126 ? 4 : size == 127 ? 10 : 2;
            if (r->head_got < need) continue;
            r->left = size;
            if (need > 2) {
                r->left = 0;
                for (int i = 2; i < need; i++) r->left = r->left << 8 | r->head[i];
            }
            r->in_payload = 1;
            r->ping_got = 0;
        }
        int take = r->left < (uint64_t)n ? (int)r->left : n;
        if (r->head[0] == 0x89 && r->ping_got + take <= 125) {
            memcpy(r->ping + r->ping_got, data, take);
            r->ping_got += take;
        }
        data += take, n -= take, r->left -= take;
        if (r->left == 0) frame_end(r);
    }
}

static void feed(Reader *r, const uint8_t *data, int n) {
    while (r->state == SHAKING && n > 0) {
        if (r->got < 12) r->status[r->got++] = *data;
        r->tail = r->tail << 8 | *data++;
        n--;
        if (r->tail != 0x0D0A0D0A) continue;
        if (memcmp(r->status + 9, sse ? "200" : "101", 3)) { die(r); return; }
        r->state = OPEN;
        if (r->target > 0) continue;
        r->joining = 0;
        shaking--;
    }
    if (r->state != OPEN) return;
    bytes += n;
    if (sse) feed_events(r, data, n);
    else feed_frames(r, data, n);
}

static void open_one(void) {
    Reader *r = &readers[count++];
    memset(r, 0, sizeof *r);
    r->target = expect_first;
    r->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (r->fd < 0) stop("socket");
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    inet_pton(AF_INET, host, &to.sin_addr);
    shaking++;
    r->joining = 1;
    if (connect(r->fd, (struct sockaddr *)&to, sizeof to) < 0) { die(r); return; }
    char ask[1024];
    const char *upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n";
    int n = snprintf(ask, sizeof ask, "GET %s HTTP/1.1\r\nHost: %s:%d\r\n%s\r\n", path, host,
                     port, sse ? "Accept: text/event-stream\r\n" : upgrade);
    if (write(r->fd, ask, n) != n) { die(r); return; }
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = r};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, r->fd, &e) < 0) stop("epoll_ctl");
}

static void read_one(Reader *r) {
    static uint8_t data[1 << 16];
    ssize_t n = recv(r->fd, data, sizeof data, MSG_DONTWAIT);
    if (n > 0) feed(r, data, (int)n);
    else if (n == 0 || (errno != EAGAIN && errno != EINTR)) die(r);
}

static int by_time(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static void tell_arrived(void) {
    static int64_t at[MAX];
    int n = 0;
    for (int i = 0; i < count; i++)
        if (readers[i].state == OPEN && readers[i].seen >= readers[i].target)
            at[n++] = readers[i].at;
    qsort(at, n, sizeof *at, by_time);
    armed = 0;
    if (n == 0) { printf("arrived 0 0 0 0 0 0\n"); return; }
    int p99 = (n * 99 + 99) / 100 - 1, p50 = (n + 1) / 2 - 1;
    printf("arrived %d %lld %lld %lld %lld %llu\n", n, (long long)at[0], (long long)at[p50],
           (long long)at[p99], (long long)at[n - 1], (unsigned long long)bytes);
}

static void command(char *line) {
    int n, timeout;
    long k;
    if (sscanf(line, "connect %d %d %511s", &n, &expect_first, path) == 3) {
        if (count + n > MAX) { errno = EMFILE; stop("connect"); }
        wanted = count + n;
    } else if (sscanf(line, "arm %ld %d", &k, &timeout) == 2) {
        armed = 1, unmet = 0, bytes = 0;
        deadline = now() + timeout * 1000000LL;
        for (int i = 0; i < count; i++) {
            readers[i].target = readers[i].seen + k;
            unmet++;  // one that is dead never comes, and the answer will say so
        }
        printf("armed\n");
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

int main(int argc, char **argv) {
    if (argc != 4) { errno = EINVAL; stop("load HOST PORT ws|sse"); }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_IGN);
    setvbuf(stdout, NULL, _IOLBF, 0);
    snprintf(host, sizeof host, "%s", argv[1]);
    port = atoi(argv[2]);
    sse = !strcmp(argv[3], "sse");
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    poller = epoll_create1(0);
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = NULL}, ready[512];
    epoll_ctl(poller, EPOLL_CTL_ADD, 0, &e);
    for (;;) {
        while (count < wanted && shaking < IN_FLIGHT) open_one();
        if (wanted && count == wanted && shaking == 0) {
            int open = 0;
            for (int i = 0; i < count; i++) open += readers[i].state == OPEN;
            printf("connected %d %d\n", open, count - open);
            wanted = 0;
        }
        if (armed && (unmet == 0 || now() > deadline)) tell_arrived();
        int n = epoll_wait(poller, ready, 512, 20);
        for (int i = 0; i < n; i++) {
            if (ready[i].data.ptr == NULL) read_commands();
            else if (((Reader *)ready[i].data.ptr)->state != DEAD) read_one(ready[i].data.ptr);
        }
    }
}
