/*
 * lab/family.h - a family of scenarios: one or two devices on one line, a controller that
 * remembers or forgets, every order in which a handler can do its work, and readers on epoll.
 *
 * Each member is a small scenario of which nobody can say at once whether it loses something.
 */
#ifndef LAB_FAMILY_H
#define LAB_FAMILY_H

#include <stddef.h>
#include <stdint.h>

enum lab_family_reader {
    LAB_READ_ONCE,
    LAB_READ_UNTIL_EMPTY,
    LAB_READ_UNTIL_SHORT,
    LAB_READ_NOTHING /* it hears of the file and does something else */
};

enum lab_family_epoll { LAB_FAMILY_LT, LAB_FAMILY_ET, LAB_FAMILY_ONESHOT };

struct lab_family {
    uint8_t devices;      /* 1, 2 on one line */
    uint8_t tokens;       /* for each */
    uint8_t fifo;         /* of each; the world waits while it is full */
    uint8_t queue;        /* of each file */
    uint8_t edge;         /* trigger, else level */
    uint8_t forgets;      /* edges that come while active or masked */
    uint8_t latched;      /* request, else held */
    uint8_t clears;       /* the driver ends latched requests */
    uint8_t clears_last;  /* behind the drain, else before it */
    uint8_t drains;       /* tokens a pass, 0: all */
    uint8_t scans;        /* passes until one moves nothing, else one */
    uint8_t eoi_first;    /* else behind the work */
    uint8_t threaded;     /* the handler masks and wakes a thread that does the work */
    uint8_t unmask_first; /* in the thread; else behind the work */
    uint8_t epoll;        /* enum lab_family_epoll */
    uint8_t reader;       /* enum lab_family_reader */
    uint8_t chunk;        /* bytes of one read */
    uint8_t readers;      /* 1, 2 */
    uint8_t cpus;         /* 2: the readers have one of their own */
};

/* A member by a seed: the same one for the same seed, any of them for some. */
struct lab_family lab_family_of(uint64_t seed);

/* The members one after the other, the small ones first: numbers from 0 to below the count. */
uint32_t lab_family_count(void);
struct lab_family lab_family_member(uint32_t number);

/* In a few words what sets it apart; for a title. */
void lab_family_name(const struct lab_family *family, char *ret_text, size_t size);

/* Adds machine, devices, driver, readers and worlds to the text of a scenario. */
void lab_family_system(const struct lab_family *family, char *text, size_t size);

/* Its text, with a title and an expectation; returns its length. */
size_t lab_family_text(const struct lab_family *family, char *ret_text, size_t size);

#endif
