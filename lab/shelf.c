/* lab/shelf.c - see shelf.h. */
#include "lab/shelf.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lab/core/diag.h"

enum { PATH_BYTES = 4096 };

static const char suffix[] = ".lab";

bool lab_shelf_beside(const char *below, char *ret_path, size_t size)
{
    char here[PATH_BYTES];
    ssize_t length = readlink("/proc/self/exe", here, sizeof(here) - 1);

    here[length > 0 ? length : 0] = '\0';
    if (strrchr(here, '/'))
        *strrchr(here, '/') = '\0';
    return snprintf(ret_path, size, "%s/%s", here, below) < (int)size &&
           access(ret_path, R_OK) == 0;
}

/* So that messages have the short name where one stands in the sources. */
static bool is_same_folder(const char *a, const char *b)
{
    struct stat one, other;

    return stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}

const char *lab_shelf_folder(void)
{
    static const char *const places[] = {"../scenarios", "../share/irqlab/scenarios"};
    static char found[PATH_BYTES + 32];
    const char *folder = getenv("IRQLAB_SCENARIOS");
    bool there = false;

    if (folder && *folder)
        return folder;
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]) && !there; i++)
        there = lab_shelf_beside(places[i], found, sizeof(found));
    return there && !is_same_folder(found, "scenarios") ? found : "scenarios";
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text);
    size_t tail = strlen(end);

    return length > tail && strcmp(text + length - tail, end) == 0;
}

static char *join(const char *folder, const char *name)
{
    size_t size = strlen(folder) + strlen(name) + 2;
    char *path = malloc(size);

    if (path)
        snprintf(path, size, "%s/%s", folder, name);
    return path;
}

/* Takes over @path. */
static bool add(struct lab_shelf *shelf, char *path)
{
    if (shelf->count == LAB_SHELF_FILES_MAX) {
        free(path);
        return false;
    }
    if (shelf->count == shelf->room) {
        size_t room = shelf->room ? 2 * shelf->room : 64;
        char **grown = realloc(shelf->path, room * sizeof(*grown));

        if (!grown) {
            free(path);
            return false;
        }
        shelf->path = grown;
        shelf->room = room;
    }
    shelf->path[shelf->count++] = path;
    return true;
}

static bool collect(struct lab_shelf *shelf, const char *folder, unsigned depth)
{
    DIR *directory = opendir(folder);
    struct dirent *entry;
    bool done = true;

    if (!directory)
        return true; /* a folder that cannot be read holds no scenarios */
    while (done && (entry = readdir(directory)) != NULL) {
        struct stat status;
        char *path;

        if (entry->d_name[0] == '.')
            continue;
        path = join(folder, entry->d_name);
        if (!path) {
            done = false;
        } else if (stat(path, &status) != 0) {
            free(path);
        } else if (S_ISDIR(status.st_mode)) {
            done = depth == 0 || collect(shelf, path, depth - 1);
            free(path);
        } else if (ends_with(path, suffix)) {
            done = add(shelf, path);
        } else {
            free(path);
        }
    }
    closedir(directory);
    return done;
}

static int compare_paths(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

bool lab_shelf_open(struct lab_shelf *ret_shelf, const char *folder)
{
    *ret_shelf = (struct lab_shelf){0};
    if (!collect(ret_shelf, folder, LAB_SHELF_DEPTH_MAX)) {
        lab_shelf_close(ret_shelf);
        return false;
    }
    if (ret_shelf->count > 1)
        qsort(ret_shelf->path, ret_shelf->count, sizeof(*ret_shelf->path), compare_paths);
    return true;
}

void lab_shelf_close(struct lab_shelf *shelf)
{
    for (size_t i = 0; i < shelf->count; i++)
        free(shelf->path[i]);
    free(shelf->path);
    *shelf = (struct lab_shelf){0};
}

void lab_shelf_stem(const char *path, char *ret_name, size_t size)
{
    const char *slash = strrchr(path, '/');
    size_t length;

    snprintf(ret_name, size, "%s", slash ? slash + 1 : path);
    length = strlen(ret_name);
    if (ends_with(ret_name, suffix))
        ret_name[length - strlen(suffix)] = '\0';
}

const char *lab_shelf_find(const struct lab_shelf *shelf, const char *name)
{
    char stem[256];

    for (size_t i = 0; i < shelf->count; i++) {
        lab_shelf_stem(shelf->path[i], stem, sizeof(stem));
        if (strcmp(stem, name) == 0)
            return shelf->path[i];
    }
    return 0;
}

void lab_shelf_near(const struct lab_shelf *shelf, const char *name, char *ret_name,
                    size_t size)
{
    char stem[256];

    ret_name[0] = '\0';
    for (size_t i = 0; i < shelf->count && !ret_name[0]; i++) {
        struct lab_near near = {0};

        lab_shelf_stem(shelf->path[i], stem, sizeof(stem));
        lab_near_try(&near, name, strlen(name), stem);
        if (near.name)
            snprintf(ret_name, size, "%s", stem);
    }
}
