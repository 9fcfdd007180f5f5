/* lab/main.c - the irqlab command. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>

#include "lab/command.h"
#include "lab/load.h"

int main(int argc, char **argv)
{
    int code;

    signal(SIGPIPE, SIG_DFL); /* quiet when the reader goes away, whoever started us */
    code = lab_command(argc, argv);
    errno = 0;
    if ((fflush(stdout) != 0 || ferror(stdout)) && errno != EPIPE) {
        fprintf(stderr, "irqlab: standard output: write error\n");
        return LAB_EXIT_INTERNAL;
    }
    return code;
}
