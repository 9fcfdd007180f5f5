/*
 * lab/catalog.h - irqlab list and irqlab explain: what there is, and what a word means.
 */
#ifndef LAB_CATALOG_H
#define LAB_CATALOG_H

#include "lab/style.h"

/* @what: scenarios, machines, devices, files, or 0 for all. Returns an enum lab_exit. */
int lab_list(const struct lab_style *style, const char *what);

/* The components of the arena of a scenario's first point. Returns an enum lab_exit. */
int lab_list_arena(const char *name);

/* A flow, an event of the trace, a machine, a word of the language. Returns an enum lab_exit.
 */
int lab_explain(const struct lab_style *style, const char *name);

#endif
