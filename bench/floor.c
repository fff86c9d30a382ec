// The floor: what a broadcast costs when nothing is done but write().
//
//   floor BYTES
//
// Says "listening PORT", answers every handshake without a look at it, and for each line on
// standard input writes one text frame of BYTES bytes (header included) to every connection,
// then says "wrote CONNECTIONS". The end of standard input, or of the parent, ends it.
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
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX 19000

static int fds[MAX], count;
static const char ANSWER[] =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: ICX+Yqv66kxgM0FcWaLWlFLwTAI=\r\n\r\n";

static void stop(const char *why) {
    fprintf(stderr, "floor: %s: %s\n", why, strerror(errno));
    exit(1);
}

int main(int argc, char **argv) {
    int size = argc == 2 ? atoi(argv[1]) : 0;
    if (size < 130 || size > 65000) { errno = EINVAL; stop("floor BYTES"); }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_IGN);
    setvbuf(stdout, NULL, _IOLBF, 0);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);

    uint8_t *frame = malloc(size);
    memset(frame, 'x', size);
    frame[0] = 0x81, frame[1] = 126, frame[2] = (size - 4) >> 8, frame[3] = (size - 4) & 255;

    int door = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof at;
    if (bind(door, (struct sockaddr *)&at, length) < 0 || listen(door, 2048) < 0) stop("listen");
    getsockname(door, (struct sockaddr *)&at, &length);
    printf("listening %d\n", ntohs(at.sin_port));

    int poller = epoll_create1(0), one = 1;
    struct epoll_event e = {.events = EPOLLIN, .data.fd = 0}, ready[512];
    epoll_ctl(poller, EPOLL_CTL_ADD, 0, &e);
    e.data.fd = door;
    epoll_ctl(poller, EPOLL_CTL_ADD, door, &e);
    for (;;) {
        int n = epoll_wait(poller, ready, 512, -1);
        for (int i = 0; i < n; i++) {
            int fd = ready[i].data.fd;
            char text[4096];
            if (fd == 0) {
                ssize_t got = read(0, text, sizeof text);
                if (got <= 0) exit(0);
                for (int k = 0; k < count; k++)
                    if (write(fds[k], frame, size) != size) stop("write");
                printf("wrote %d\n", count);
            } else if (fd == door) {
                int new = accept4(door, NULL, NULL, SOCK_NONBLOCK);
                if (new < 0) stop("accept");
                if (count == MAX) { errno = EMFILE; stop("accept"); }
                setsockopt(new, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                e.data.fd = new;
                epoll_ctl(poller, EPOLL_CTL_ADD, new, &e);
            } else {
                ssize_t got = read(fd, text, sizeof text);  // the handshake fits in one read
                if (got <= 0) exit(0);                      // the readers have gone
                if (write(fd, ANSWER, sizeof ANSWER - 1) < 0) stop("write");
                fds[count++] = fd;
            }
        }
    }
}
