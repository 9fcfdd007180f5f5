/*
 * lab/command.h - the command line: which subcommand, which options, how they are refused.
 *
 * Source: docs/command.md.
 */
#ifndef LAB_COMMAND_H
#define LAB_COMMAND_H

/* Does what the arguments say; returns an enum lab_exit. */
int lab_command(int argc, char **argv);

#endif
