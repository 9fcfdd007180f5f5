/* tests/mount/read_uv.c - reads the mounted UART to its end through libuv's poll handle. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include <uv.h>

static int fd;

static void readable(uv_poll_t *handle, int status, int events)
{
    char byte;
    ssize_t n;

    (void)events;
    n = status < 0 ? 0 : read(fd, &byte, 1);
    if (n < 0 && errno == EAGAIN)
        return;
    if (n > 0)
        putchar(byte);
    else
        uv_close((uv_handle_t *)handle, NULL);
}

int main(void)
{
    uv_loop_t loop;
    uv_poll_t handle;

    fd = open("uart", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || uv_loop_init(&loop) < 0 || uv_poll_init(&loop, &handle, fd) < 0)
        return 1;
    uv_poll_start(&handle, UV_READABLE, readable);
    uv_run(&loop, UV_RUN_DEFAULT);
    close(fd);
    return uv_loop_close(&loop);
}
