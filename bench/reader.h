// One reader of load.c: what it has read so far, and where in the answer it stands.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define KEPT 224  // bytes of a message in which its number stands

typedef struct {
    int fd;
    enum { CALLING, SHAKING, OPEN, DEAD } state;
    int joining;           // it has not had its first messages yet
    int deflated;          // the server took permessage-deflate
    int matched;           // bytes of that word seen in the answer's head
    uint32_t tail;         // the last four bytes of the head of the answer
    char status[12];
    int got;               // bytes of status
    uint8_t head[10];      // of the frame that is coming
    int head_got;
    uint64_t left;         // bytes of its payload
    int in_payload;
    char text[KEPT + 1];   // the beginning of it
    int text_got;
    int newline;           // the last byte of the stream was one (SSE)
    long seen, target;     // messages
    int64_t born, at;      // when it was opened, and when its target was reached
} Reader;

static int sse;
static uint64_t bytes;

static void die(Reader *r);      // the connection is gone
static void message(Reader *r);  // a whole one has come

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

// The seq of the message, which stands before its content; 0 where there is none.
static long seq_of(const Reader *r) {
    const char *found = strstr(r->text, "\"seq\":");
    return found ? atol(found + 6) : 0;
}

static void pong(Reader *r) {
    uint8_t frame[131] = {0x8A, 0x80 | r->text_got, 0, 0, 0, 0};  // a mask of zeros
    memcpy(frame + 6, r->text, r->text_got);
    if (write(r->fd, frame, 6 + r->text_got) < 0) die(r);
}

static void frame_end(Reader *r) {
    int opcode = r->head[0] & 15;
    r->text[r->text_got] = 0;
    r->head_got = r->in_payload = 0;
    // A heartbeat comes by the clock and is nothing anybody published.
    if ((opcode == 1 || opcode == 2) && !strstr(r->text, "\"type\":\"heartbeat\"")) message(r);
    if (opcode == 9) pong(r);
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
            r->text_got = 0;
        }
        int take = r->left < (uint64_t)n ? (int)r->left : n;
        int keep = take < KEPT - r->text_got ? take : KEPT - r->text_got;
        memcpy(r->text + r->text_got, data, keep);
        r->text_got += keep;
        data += take, n -= take, r->left -= take;
        if (r->left == 0) frame_end(r);
    }
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

// Take bytes of the head of the answer; how many it took. It is OPEN or DEAD when that is over.
static int feed_head(Reader *r, const uint8_t *data, int n) {
    static const char word[] = "permessage-deflate";
    for (int i = 0; i < n; i++) {
        if (r->got < 12) r->status[r->got++] = data[i];
        r->matched = data[i] == word[r->matched] ? r->matched + 1 : data[i] == word[0];
        if (!word[r->matched]) r->deflated = 1, r->matched = 0;
        r->tail = r->tail << 8 | data[i];
        if (r->tail != 0x0D0A0D0A) continue;
        if (memcmp(r->status + 9, sse ? "200" : "101", 3)) die(r);
        else r->state = OPEN;
        return i + 1;
    }
    return n;
}
