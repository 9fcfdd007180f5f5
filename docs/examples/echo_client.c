/*
 * docs/examples/echo_client.c - the load, and the judge of the echo servers.
 *
 *   echo_client SERVER [ARGUMENT...]           all bytes come back, in order, to many clients
 *   echo_client --stalls SERVER [ARGUMENT...]  it must stall: half of a message does not come
 *
 * The server gets a listening socket as its standard input.  That it has stalled is seen, not
 * waited for: it sleeps, in the kernel's own words, and there is nothing to read from it.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "echo.h"
#include "loop/coro.h"

enum { CLIENTS = 100, MESSAGES = 20, LARGEST = 60000, STATUS_BYTES = 2048 };

static struct sockaddr_un address;
static socklen_t address_length;

static pid_t start_server(char **command)
{
    int door = socket(AF_UNIX, SOCK_STREAM, 0);
    pid_t server;

    address.sun_family = AF_UNIX;
    address_length = sizeof(address);
    /* Without a name the kernel chooses one in its abstract space. */
    if (bind(door, (struct sockaddr *)&address, sizeof(sa_family_t)) < 0 ||
        listen(door, CLIENTS) < 0 ||
        getsockname(door, (struct sockaddr *)&address, &address_length) < 0)
        die("listen");
    server = fork();
    if (server == 0) {
        dup2(door, 0);
        execv(command[0], command);
        _exit(127);
    }
    close(door);
    return server;
}

/* ---- all bytes come back ---- */

struct client {
    unsigned seed;
    unsigned long bytes;
};

static unsigned draw(struct client *client, unsigned below)
{
    client->seed = client->seed * 1664525u + 1013904223u;
    return (client->seed >> 8) % below;
}

struct sending {
    int fd;
    const char *bytes;
    size_t size;
};

/* Sends while the client reads: a message may be larger than what fits on the way. */
static int send_message(struct loop_coro *self, void *arg)
{
    const struct sending *sending = arg;

    return loop_coro_write(self, sending->fd, sending->bytes, sending->size) < 0;
}

static int talk(struct loop_coro *self, int fd, struct client *client, char *message,
                char *echo)
{
    struct sending sending = {fd, message, 1 + draw(client, LARGEST)};
    struct loop_coro *sender;
    size_t got = 0;

    for (size_t i = 0; i < sending.size; i++)
        message[i] = (char)draw(client, 256);
    sender = loop_coro_start(loop_coro_set(self), "sender", send_message, &sending);
    while (got < sending.size) {
        ssize_t n = loop_coro_read(self, fd, echo + got, sending.size - got);

        if (n <= 0)
            break;
        got += (size_t)n;
    }
    client->bytes += got;
    return loop_coro_wait(self, sender) != 0 || got < sending.size ||
           memcmp(message, echo, got) != 0;
}

static int be_client(struct loop_coro *self, void *arg)
{
    char *message = malloc(LARGEST + 1), *echo = malloc(LARGEST + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), bad = 0;
    struct client *client = arg;

    if (!message || !echo ||
        loop_coro_connect(self, fd, (struct sockaddr *)&address, address_length) < 0)
        bad = 1;
    for (int i = 0; i < MESSAGES && !bad; i++)
        bad = talk(self, fd, client, message, echo);
    loop_coro_close(self, fd);
    free(message);
    free(echo);
    return bad;
}

static int be_all(struct loop_coro *self, void *arg)
{
    struct loop_coro *coro[CLIENTS];
    struct client client[CLIENTS];
    unsigned long bytes = 0;
    int bad = 0;

    for (unsigned i = 0; i < CLIENTS; i++) {
        client[i] = (struct client){.seed = i + 1};
        coro[i] = loop_coro_start(loop_coro_set(self), "client", be_client, &client[i]);
    }
    for (unsigned i = 0; i < CLIENTS; i++) {
        bad += loop_coro_wait(self, coro[i]) != 0;
        bytes += client[i].bytes;
    }
    printf("%lu bytes came back to %d clients, %d of them complain\n", bytes, CLIENTS, bad);
    *(int *)arg = bad;
    return 0;
}

static int load(void)
{
    struct loop_options options = {.backend = "epoll"};
    struct loop_coros coros;
    struct loop loop;
    int bad = 1;

    if (loop_open(&loop, &options) < 0 || loop_coros_open(&coros, &loop, 0) < 0)
        return 1;
    loop_coro_start(&coros, "all", be_all, &bad);
    if (loop_coros_run(&coros) < 0) {
        loop_coros_report(&coros, stderr);
        return 1;
    }
    loop_coros_close(&coros);
    loop_close(&loop);
    return bad != 0;
}

/* ---- it stalls ---- */

/* Does the server sleep?  *ret_switches: how often it has been put to sleep so far. */
static bool sleeps(pid_t server, unsigned long *ret_switches)
{
    static const char label[] = "\nvoluntary_ctxt_switches:\t";
    char path[64], text[STATUS_BYTES];
    const char *state, *switches;
    size_t n;
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%d/status", (int)server);
    file = fopen(path, "re");
    if (!file)
        return false;
    n = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    text[n] = '\0';
    state = strstr(text, "\nState:\t");
    switches = strstr(text, label);
    *ret_switches = switches ? strtoul(switches + sizeof(label) - 1, NULL, 10) : 0;
    return state && switches && state[8] == 'S';
}

static int stalls(pid_t server)
{
    static char message[2 * CHUNK], echo[2 * CHUNK];
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct pollfd look = {.fd = fd, .events = POLLIN};
    unsigned long before, after;
    size_t got = 0;

    if (connect(fd, (struct sockaddr *)&address, address_length) < 0 ||
        write(fd, message, sizeof(message)) != (ssize_t)sizeof(message))
        die("the server");
    while (got < sizeof(echo)) {
        bool asleep = sleeps(server, &before) && sleeps(server, &after) && before == after;

        if (poll(&look, 1, 0) == 1)
            got += (size_t)read(fd, echo, sizeof(echo));
        else if (asleep && sleeps(server, &after) && before == after)
            break;
        else
            sched_yield();
    }
    printf("%zu of %zu bytes came back\n", got, sizeof(echo));
    close(fd);
    return got == CHUNK ? 0 : 1;
}

int main(int argc, char **argv)
{
    bool must_stall = argc > 1 && strcmp(argv[1], "--stalls") == 0;
    char **command = argv + 1 + must_stall;
    int bad, status = 0;
    pid_t server;

    if (!command[0]) {
        fprintf(stderr, "usage: %s [--stalls] SERVER [ARGUMENT...]\n", argv[0]);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    server = start_server(command);
    bad = must_stall ? stalls(server) : load();
    if (waitpid(server, &status, WNOHANG) == server)
        return WIFEXITED(status) && WEXITSTATUS(status) == 77 ? 77 : 1;
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    return bad;
}
