/*
 * lab/facts.h - the facts of the kernel matrix: what a kernel does, as data.
 *
 * The facts stand in lab/facts/ (letter by letter) and are linked in.  A fact is a title and a
 * script; a line of the script that is looked at says what may come of it.  It is written once
 * and run on the model and on the host's kernel.  docs/kernel-matrix.md has the form.
 */
#ifndef LAB_FACTS_H
#define LAB_FACTS_H

#include "lab/script.h"

enum {
    LAB_FACT_TITLE_BYTES = 140,
    LAB_FACT_LINES = 120,
    LAB_FACT_CASES = 10, /* ways to set the same fact up: kinds of files */
    LAB_ALLOWED_MAX = 12,
    LAB_CASE_BYTES = 64,
};

/* A line of the fact files; the last one has no file. */
struct lab_fact_line {
    const char *file;
    unsigned number;
    const char *text;
};

extern const struct lab_fact_line lab_fact_lines[];

struct lab_fact {
    char id[8];
    char title[LAB_FACT_TITLE_BYTES];
    char needs[32];            /* what no engine has yet, "" if nothing */
    char since[12], until[12]; /* kernel versions between which it holds, "" open */
    bool odd;                  /* people expect something else */
    const char *file;
    unsigned line; /* of the heading */
    unsigned cases;
    char name[LAB_FACT_CASES][LAB_CASE_BYTES]; /* what stands for {case} in the script */
    unsigned lines;
    const char *text[LAB_FACT_LINES];
    unsigned number[LAB_FACT_LINES];
};

/* What may come of the group that begins with a line; none: not looked at. */
struct lab_allowed {
    unsigned count;
    char text[LAB_ALLOWED_MAX][LAB_SEEN_TEXT];
};

struct lab_fact_script {
    struct lab_script script;
    struct lab_allowed allowed[LAB_SCRIPT_OPS];
};

/*
 * Reads the next fact from @cursor (begin with lab_fact_lines).  False: there is none, or, with
 * a text in @error, the file is wrong there.
 */
bool lab_fact_next(const struct lab_fact_line **cursor, struct lab_fact *ret_fact,
                   struct lab_script_error *error);

/* The script of one case of the fact. */
bool lab_fact_script(const struct lab_fact *fact, unsigned number,
                     struct lab_fact_script *ret_script, struct lab_script_error *error);

/* Adds a line that may end in `-> OUTCOME | OUTCOME`. */
bool lab_fact_script_line(struct lab_fact_script *to, const char *text, unsigned line,
                          struct lab_script_error *error);

/* Is @release (as of uname) within the versions of the fact? */
bool lab_fact_is_for(const struct lab_fact *fact, const char *release);

#endif
