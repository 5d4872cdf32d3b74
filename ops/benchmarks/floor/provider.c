/* A trivial AI provider: one epoll loop that answers every POST with the same bytes after a set time.
 *
 * usage: provider STREAM_FILE PLAIN_FILE DELAY_MS
 * The files are whole HTTP answers, head included: the first for requests that ask for a stream, the second for the
 * others. Listens on a free loopback port, prints it, and ends with SIGTERM. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS = 65536, REQUEST_LIMIT = 1 << 20, EVENTS = 512, CHUNK = 65536 };

struct answer {
    char *bytes;
    size_t length;
};

struct connection {
    char *request;
    size_t received, expected;
    const struct answer *answer;
    size_t sent;
};

/* Requests wait for the same time, so they become due in the order in which they came. */
struct due {
    int descriptor;
    double at;
};

static struct connection connections[CONNECTIONS];
static struct due waiting[CONNECTIONS];
static size_t first_waiting, count_waiting;
static struct answer stream_answer, plain_answer;
static double delay;
static int loop;

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static struct answer read_answer(const char *path) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) fail(path);
    struct answer answer = {.bytes = malloc(REQUEST_LIMIT)};
    if (answer.bytes == NULL) fail("malloc");
    answer.length = fread(answer.bytes, 1, REQUEST_LIMIT, file);
    fclose(file);
    return answer;
}

static void forget(int descriptor) {
    free(connections[descriptor].request);
    memset(&connections[descriptor], 0, sizeof connections[descriptor]);
    close(descriptor);
}

static void watch(int descriptor, unsigned events, int operation) {
    struct epoll_event event = {.events = events, .data.fd = descriptor};
    if (epoll_ctl(loop, operation, descriptor, &event) != 0) fail("epoll_ctl");
}

static void send_rest(int descriptor) {
    struct connection *connection = &connections[descriptor];
    const struct answer *answer = connection->answer;
    ssize_t sent = send(descriptor, answer->bytes + connection->sent, answer->length - connection->sent, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) {
        forget(descriptor);
        return;
    }
    if (sent > 0) connection->sent += (size_t)sent;
    if (connection->sent < answer->length) {
        watch(descriptor, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
        return;
    }
    if ((size_t)sent < answer->length) watch(descriptor, EPOLLIN, EPOLL_CTL_MOD);
    free(connection->request);
    memset(connection, 0, sizeof *connection);
}

/* Looks whether the request is whole, and then answers it or lets it wait. */
static void look(int descriptor) {
    struct connection *connection = &connections[descriptor];
    if (connection->expected == 0) {
        char *end = memmem(connection->request, connection->received, "\r\n\r\n", 4);
        if (end == NULL) return;
        *end = 0;
        char *length = strcasestr(connection->request, "content-length:");
        *end = '\r';
        connection->expected = (size_t)(end - connection->request) + 4 + (length == NULL ? 0 : strtoul(length + 15, NULL, 10));
        if (connection->expected > REQUEST_LIMIT) {
            forget(descriptor);
            return;
        }
        /* curl asks before it sends a larger body. */
        if (strcasestr(connection->request, "expect: 100-continue") != NULL) {
            static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
            if (send(descriptor, go_on, sizeof go_on - 1, MSG_NOSIGNAL) < 0) {
                forget(descriptor);
                return;
            }
        }
    }
    if (connection->received < connection->expected) return;
    int wants_stream = memmem(connection->request, connection->received, "\"stream\":true", 13) != NULL;
    connection->answer = wants_stream ? &stream_answer : &plain_answer;
    if (delay <= 0) {
        send_rest(descriptor);
        return;
    }
    if (count_waiting == CONNECTIONS) fail("too many requests");
    waiting[(first_waiting + count_waiting++) % CONNECTIONS] = (struct due){descriptor, now() + delay};
}

static void receive(int descriptor) {
    static char buffer[CHUNK];
    struct connection *connection = &connections[descriptor];
    ssize_t length = recv(descriptor, buffer, sizeof buffer, 0);
    if (length < 0 && errno == EAGAIN) return;
    if (length <= 0 || connection->answer != NULL) {
        /* Gone, or it speaks before it was answered. A waiting request finds no answer to send then. */
        forget(descriptor);
        return;
    }
    connection->request = realloc(connection->request, connection->received + (size_t)length + 1);
    if (connection->request == NULL) fail("realloc");
    memcpy(connection->request + connection->received, buffer, (size_t)length);
    connection->received += (size_t)length;
    connection->request[connection->received] = 0;
    look(descriptor);
}

static void accept_all(int listener) {
    for (;;) {
        int descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (descriptor < 0) return;
        if (descriptor >= CONNECTIONS) {
            close(descriptor);
            continue;
        }
        int one = 1;
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        watch(descriptor, EPOLLIN, EPOLL_CTL_ADD);
    }
}

/* Answers what is due; returns milliseconds until the next one is, -1 if none waits. */
static int answer_due(void) {
    while (count_waiting > 0) {
        struct due *due = &waiting[first_waiting];
        double left = due->at - now();
        if (left > 0) return (int)(left * 1000) + 1;
        first_waiting = (first_waiting + 1) % CONNECTIONS;
        count_waiting--;
        if (connections[due->descriptor].answer != NULL) send_rest(due->descriptor);
    }
    return -1;
}

int main(int count, char **arguments) {
    if (count != 4) {
        fprintf(stderr, "usage: provider STREAM_FILE PLAIN_FILE DELAY_MS\n");
        return 2;
    }
    stream_answer = read_answer(arguments[1]);
    plain_answer = read_answer(arguments[2]);
    delay = strtod(arguments[3], NULL) / 1000;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 16384) != 0) fail("listen");
    if (getsockname(listener, (struct sockaddr *)&address, &size) != 0) fail("getsockname");
    loop = epoll_create1(EPOLL_CLOEXEC);
    watch(listener, EPOLLIN, EPOLL_CTL_ADD);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        struct epoll_event events[EVENTS];
        int ready = epoll_wait(loop, events, EVENTS, answer_due());
        for (int i = 0; i < ready; i++) {
            int descriptor = events[i].data.fd;
            if (descriptor == listener) {
                accept_all(listener);
            } else if ((events[i].events & EPOLLOUT) != 0 && connections[descriptor].answer != NULL) {
                send_rest(descriptor);
            } else {
                receive(descriptor);
            }
        }
    }
}
