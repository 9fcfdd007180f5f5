/*
 * lab/shelf.h - where scenarios lie: the folder of IRQLAB_SCENARIOS, or the one beside the
 * program, in the sources' tree or installed.
 */
#ifndef LAB_SHELF_H
#define LAB_SHELF_H

#include <stdbool.h>
#include <stddef.h>

enum {
    LAB_SHELF_DEPTH_MAX = 8,     /* folders in folders: bounds recursion through links */
    LAB_SHELF_FILES_MAX = 10000, /* more is not a folder of scenarios */
};

struct lab_shelf {
    char **path; /* sorted */
    size_t count, room;
};

/*
 * The folder: IRQLAB_SCENARIOS if it is set, else the first that is there of the sources' (the
 * program lies in a build directory), the installed one, and `scenarios` here.
 */
const char *lab_shelf_folder(void);

/*
 * Writes the path of @below, counted from the folder of this program.  True if it can be read.
 */
bool lab_shelf_beside(const char *below, char *ret_path, size_t size);

/* Collects all NAME.lab below @folder. False: no memory, or too many. */
bool lab_shelf_open(struct lab_shelf *ret_shelf, const char *folder);
void lab_shelf_close(struct lab_shelf *shelf);

/* The first file of this name (without folder and .lab), 0 if there is none. */
const char *lab_shelf_find(const struct lab_shelf *shelf, const char *name);

/* The nearest name to @name that the shelf has, 0 if none is near. */
void lab_shelf_near(const struct lab_shelf *shelf, const char *name, char *ret_name,
                    size_t size);

/* Writes the name of a scenario's file, "shared-line" for "a/b/shared-line.lab". */
void lab_shelf_stem(const char *path, char *ret_name, size_t size);

#endif
