// GET requests on kept connections, the next one when the answer to the last is there.
//
//   get HOST PORT CONNECTIONS
//
// For each line "run MS ENCODING PATH" on standard input it asks for so many milliseconds, then
// says "ran ANSWERS FAILED BYTES NS": BYTES is the body of one answer. It does not inflate.
// The end of standard input, or of the parent, ends it.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX 256
#define HEAD 4096

typedef struct {
    int fd, got;           // bytes of the head
    char head[HEAD + 1];
    long left;             // bytes of the body still to come; -1 before the head is there
    int waits;             // an answer is due
} Line;

static Line lines[MAX];
static char request[2048];
static int request_size;
static long answers, failed, body;

static void stop(const char *why) {
    fprintf(stderr, "get: %s: %s\n", why, strerror(errno));
    exit(1);
}

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void ask(Line *l) {
    l->got = 0, l->left = -1, l->waits = 1;
    if (write(l->fd, request, request_size) != request_size) stop("write");
}

// Take what came; 1 when the answer is whole.
static int feed(Line *l, const char *data, long n) {
    while (n > 0 && l->left < 0) {
        if (l->got == HEAD) { errno = EMSGSIZE; stop("the head of an answer"); }
        l->head[l->got++] = *data++, n--;
        if (l->got < 4 || memcmp(l->head + l->got - 4, "\r\n\r\n", 4)) continue;
        l->head[l->got] = 0;
        char *length = strcasestr(l->head, "\r\ncontent-length:");
        if (!length) { errno = EPROTO; stop("an answer without its length"); }
        l->left = body = atol(length + 17);
        if (strncmp(l->head + 9, "200", 3)) failed++;
    }
    if (l->left < 0) return 0;
    l->left -= n;
    return l->left == 0;
}

static void run(int poller, int count, long ms) {
    struct epoll_event ready[MAX];
    static char data[1 << 18];
    int64_t began = now(), end = began + ms * 1000000LL;
    int waiting = count;
    answers = failed = 0;
    for (int i = 0; i < count; i++) ask(&lines[i]);
    while (waiting) {
        int n = epoll_wait(poller, ready, MAX, 10000);
        if (n <= 0) { errno = ETIMEDOUT; stop("epoll_wait"); }
        for (int i = 0; i < n; i++) {
            Line *l = ready[i].data.ptr;
            ssize_t got = recv(l->fd, data, sizeof data, 0);
            if (got <= 0) stop("the server hung up");
            if (!feed(l, data, got)) continue;
            answers++, l->waits = 0;
            if (now() < end) ask(l);
            else waiting--;
        }
    }
    printf("ran %ld %ld %ld %lld\n", answers, failed, body, (long long)(now() - began));
}

int main(int argc, char **argv) {
    int count = argc == 4 ? atoi(argv[3]) : 0, one = 1;
    if (count < 1 || count > MAX) { errno = EINVAL; stop("get HOST PORT CONNECTIONS"); }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_IGN);
    setvbuf(stdout, NULL, _IOLBF, 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[2]))};
    inet_pton(AF_INET, argv[1], &to.sin_addr);
    char text[1024], encoding[64], path[512];
    long ms;
    while (fgets(text, sizeof text, stdin)) {
        if (sscanf(text, "run %ld %63s %511s", &ms, encoding, path) != 3) stop(text);
        request_size = snprintf(request, sizeof request,
                                "GET %s HTTP/1.1\r\nHost: %s:%s\r\nAccept-Encoding: %s\r\n\r\n",
                                path, argv[1], argv[2], encoding);
        // New connections for each run: none has been idle for too long.
        int poller = epoll_create1(0);
        for (int i = 0; i < count; i++) {
            lines[i].fd = socket(AF_INET, SOCK_STREAM, 0);
            if (connect(lines[i].fd, (struct sockaddr *)&to, sizeof to) < 0) stop("connect");
            setsockopt(lines[i].fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
            struct epoll_event e = {.events = EPOLLIN, .data.ptr = &lines[i]};
            if (epoll_ctl(poller, EPOLL_CTL_ADD, lines[i].fd, &e) < 0) stop("epoll_ctl");
        }
        run(poller, count, ms);
        for (int i = 0; i < count; i++) close(lines[i].fd);
        close(poller);
    }
}
