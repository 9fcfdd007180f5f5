/* lab/load.c - see load.h. */
#include "lab/load.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "lab/core/check.h"
#include "lab/core/compile.h"
#include "lab/core/names.h"
#include "lab/core/parse.h"
#include "lab/core/scenario.h"
#include "lab/native.h"
#include "lab/shelf.h"
#include "lab/words.h"

enum {
    POOL_BASE = 1 << 20, /* tables of a scenario, and to spare */
    POOL_PER_BYTE = 160, /* a word takes about 150 bytes; each has a byte at least */
    READ_CHUNK = 64 << 10,
};

/* What the language knows and the machinery does not do yet; the rest of it is built. */
static const char *const not_built[] = {
    "fork in a loop",
};

bool lab_is_built(const char *name)
{
    for (size_t i = 0; i < sizeof(not_built) / sizeof(not_built[0]); i++) {
        if (strcmp(not_built[i], name) == 0)
            return false;
    }
    return true;
}

/* ---- diagnostics ---- */

static void to_stderr(void *context, const char *text, size_t length)
{
    (void)context;
    fwrite(text, 1, length, stderr);
}

void lab_load_print_diags(struct lab_loaded *loaded)
{
    if (loaded->options->json)
        lab_diags_print_json(&loaded->diags, to_stderr, 0);
    else
        lab_diags_print(&loaded->diags, to_stderr, 0);
    loaded->diags.count = 0;
    loaded->diags.reported = 0;
}

static int fail(struct lab_loaded *loaded, int code)
{
    lab_load_print_diags(loaded);
    return code;
}

/* ---- reading ---- */

static int read_all(struct lab_loaded *loaded, FILE *file)
{
    size_t room = 0;

    for (;;) {
        size_t got;

        if (loaded->text_length + READ_CHUNK > room) {
            char *grown = realloc(loaded->text, loaded->text_length + 2 * READ_CHUNK);

            if (!grown)
                return LAB_EXIT_INTERNAL;
            loaded->text = grown;
            room = loaded->text_length + 2 * READ_CHUNK;
        }
        got = fread(loaded->text + loaded->text_length, 1, READ_CHUNK, file);
        loaded->text_length += got;
        if (got == 0)
            break;
        if (loaded->text_length > LAB_TEXT_MAX) {
            fprintf(stderr, "irqlab: %s: larger than %d MB\n", loaded->path,
                    LAB_TEXT_MAX >> 20);
            return LAB_EXIT_USAGE;
        }
    }
    if (ferror(file)) {
        fprintf(stderr, "irqlab: %s: %s\n", loaded->path, strerror(errno));
        return LAB_EXIT_USAGE;
    }
    return LAB_EXIT_OK;
}

/* A name without folder that is no file here is looked up on the shelf. */
static int find_file(const char *name, char **ret_path)
{
    struct lab_shelf shelf;
    char near[LAB_STEM_BYTES];
    const char *path;

    if (!lab_shelf_open(&shelf, lab_shelf_folder()))
        return LAB_EXIT_INTERNAL;
    path = lab_shelf_find(&shelf, name);
    if (path) {
        *ret_path = strdup(path);
        lab_shelf_close(&shelf);
        return *ret_path ? LAB_EXIT_OK : LAB_EXIT_INTERNAL;
    }
    lab_shelf_near(&shelf, name, near, sizeof(near));
    fprintf(stderr, "irqlab: no file and no scenario '%s'%s%s%s; 'irqlab list' shows them\n",
            name, near[0] ? ", did you mean '" : "", near, near[0] ? "'" : "");
    lab_shelf_close(&shelf);
    return LAB_EXIT_USAGE;
}

static int open_and_read(struct lab_loaded *loaded, const char *name)
{
    FILE *file;
    int code = LAB_EXIT_OK;

    if (strcmp(name, "-") == 0) {
        loaded->path = strdup("<stdin>");
        lab_words_set(loaded->stem, sizeof(loaded->stem), "stdin");
        return loaded->path ? read_all(loaded, stdin) : LAB_EXIT_INTERNAL;
    }
    file = fopen(name, "rb");
    if (file)
        loaded->path = strdup(name);
    else if (errno == ENOENT && !strchr(name, '/'))
        code = find_file(name, &loaded->path);
    else
        loaded->path = strdup(name);
    if (code != LAB_EXIT_OK)
        return code;
    if (!file && loaded->path)
        file = fopen(loaded->path, "rb");
    if (!file) {
        fprintf(stderr, "irqlab: %s: %s\n", name, strerror(errno));
        return LAB_EXIT_USAGE;
    }
    code = loaded->path ? read_all(loaded, file) : LAB_EXIT_INTERNAL;
    fclose(file);
    if (loaded->path)
        lab_shelf_stem(loaded->path, loaded->stem, sizeof(loaded->stem));
    return code;
}

/* ---- another machine ---- */

static lab_node_id machine_node(const struct lab_scenario *scenario)
{
    for (lab_node_id i = scenario->root; i != 0; i = scenario->nodes[i].next) {
        if (scenario->nodes[i].kind == LAB_N_MACHINE)
            return i;
    }
    return 0;
}

/* Options that belong to one board and mean nothing to another. */
static bool is_board_option(const struct lab_scenario *scenario, lab_node_id node)
{
    const char *name = lab_name(scenario, scenario->nodes[node].name);

    return scenario->nodes[node].kind == LAB_N_OPTION &&
           (strcmp(name, "forgets") == 0 || strcmp(name, "sample") == 0 ||
            strcmp(name, "policy") == 0);
}

/* Replaces the machine's name in the tree. */
static void replace_machine(struct lab_scenario *scenario, lab_node_id machine,
                            const char *name)
{
    struct lab_node *word = &scenario->nodes[scenario->nodes[machine].first];
    lab_node_id *link = &word->next;

    word->kind = LAB_N_WORD;
    word->name = lab_intern(scenario, name, strlen(name));
    while (*link != 0) {
        if (is_board_option(scenario, *link))
            *link = scenario->nodes[*link].next;
        else
            link = &scenario->nodes[*link].next;
    }
}

/* A scenario that names no machine gets a statement behind its text. */
static bool append_machine(struct lab_loaded *loaded, const char *name)
{
    size_t room = loaded->text_length + strlen(name) + sizeof("\nmachine ;\n");
    char *grown = realloc(loaded->text, room);

    if (!grown)
        return false;
    loaded->text = grown;
    loaded->text_length += (size_t)snprintf(
        grown + loaded->text_length, room - loaded->text_length, "\nmachine %s;\n", name);
    return true;
}

static int parse(struct lab_loaded *loaded)
{
    loaded->pool.used = 0;
    lab_diags_init(&loaded->diags);
    if (lab_parse(&loaded->scenario, &loaded->pool, loaded->path, loaded->text,
                  loaded->text_length, &loaded->diags) < 0)
        return fail(loaded, LAB_EXIT_USAGE);
    return LAB_EXIT_OK;
}

static int set_machine(struct lab_loaded *loaded, const char *name)
{
    lab_node_id machine = machine_node(&loaded->scenario);
    int code = LAB_EXIT_OK;

    if (lab_find_machine(name, strlen(name)) < 0) {
        fprintf(stderr, "irqlab: unknown machine '%s'; 'irqlab list machines' shows them\n",
                name);
        return LAB_EXIT_USAGE;
    }
    if (!machine) {
        if (!append_machine(loaded, name))
            return LAB_EXIT_INTERNAL;
        code = parse(loaded);
        machine = machine_node(&loaded->scenario);
    }
    if (code == LAB_EXIT_OK && machine)
        replace_machine(&loaded->scenario, machine, name);
    return code;
}

/* The text goes on with @also. */
static bool append(struct lab_loaded *loaded, const char *also)
{
    size_t more = strlen(also);
    char *text = realloc(loaded->text, loaded->text_length + more + 1);

    if (!text)
        return false;
    memcpy(text + loaded->text_length, also, more + 1);
    loaded->text = text;
    loaded->text_length += more;
    return true;
}

/* ---- public ---- */

int lab_load(struct lab_loaded *ret, const char *name, const struct lab_load_options *options)
{
    int code;

    memset(ret, 0, sizeof(*ret));
    ret->options = options;
    lab_diags_init(&ret->diags);
    code = open_and_read(ret, name);
    if (code == LAB_EXIT_OK && options->also && !append(ret, options->also))
        code = LAB_EXIT_INTERNAL;
    if (code == LAB_EXIT_INTERNAL)
        fprintf(stderr, "irqlab: out of memory\n");
    if (code != LAB_EXIT_OK)
        return code;
    /* room for a machine statement that --machine may add */
    ret->pool.size = POOL_BASE + POOL_PER_BYTE * (ret->text_length + 64);
    ret->pool.base = malloc(ret->pool.size);
    if (!ret->pool.base) {
        fprintf(stderr, "irqlab: out of memory\n");
        return LAB_EXIT_INTERNAL;
    }
    code = parse(ret);
    if (code == LAB_EXIT_OK && options->machine)
        code = set_machine(ret, options->machine);
    if (code != LAB_EXIT_OK)
        return code;
    for (unsigned i = 0; i < options->pins; i++) {
        if (lab_pin(&ret->scenario, options->pin[i], &ret->diags) < 0)
            return fail(ret, LAB_EXIT_USAGE);
    }
    ret->points = lab_points_count(&ret->scenario, &ret->diags);
    return ret->points ? LAB_EXIT_OK : fail(ret, LAB_EXIT_USAGE);
}

/* The folder of the scenario, from which a shared object's name counts. */
static void path_of_object(const struct lab_loaded *loaded, const char *name, char *ret_path,
                           size_t size)
{
    const char *slash = loaded->path ? strrchr(loaded->path, '/') : 0;
    int folder = name[0] == '/' || !slash ? 0 : (int)(slash - loaded->path) + 1;

    /* without a slash the loader would look for a library of the system */
    snprintf(ret_path, size, "%s%.*s%s", name[0] == '/' || folder ? "" : "./", folder,
             loaded->path ? loaded->path : "", name);
}

/* Loads the drivers that are shared objects; what they can do is all that irqlab can. */
static int load_natives(struct lab_loaded *loaded)
{
    struct lab_scenario *s = &loaded->scenario;
    char path[PATH_MAX], error[256];

    for (unsigned i = 0; i < s->driver_count; i++) {
        struct lab_driver *driver = &s->drivers[i];
        if (driver->kind != LAB_DRIVER_SHARED)
            continue;
        struct lab_span span = lab_span_of(s, driver->word);
        if (!loaded->options->allow_native) {
            struct lab_diag *diag = lab_report(
                &loaded->diags, span, "a shared object runs as a part of irqlab, unchecked");
            lab_note(diag, "if you trust it: --allow-native");
            continue;
        }
        path_of_object(loaded, lab_name(s, driver->shared), path, sizeof(path));
        if (!lab_native_load(path, &driver->native, error, sizeof(error)))
            lab_report(&loaded->diags, span, "cannot load it: %s", error);
    }
    return loaded->diags.reported ? fail(loaded, LAB_EXIT_USAGE) : LAB_EXIT_OK;
}

static int check_features(struct lab_loaded *loaded)
{
    size_t count;
    const struct lab_feature *feature = lab_features(&loaded->scenario, &count);

    for (size_t i = 0; i < count; i++) {
        if (!lab_is_built(feature[i].name))
            lab_report(&loaded->diags, lab_span_of(&loaded->scenario, feature[i].node),
                       "not built yet: %s", feature[i].name);
    }
    return loaded->diags.reported ? fail(loaded, LAB_EXIT_CANNOT) : LAB_EXIT_OK;
}

int lab_load_check(struct lab_loaded *loaded, uint32_t number)
{
    struct lab_point point;

    lab_points_at(&loaded->scenario, number, &point);
    if (lab_check(&loaded->scenario, &point, &loaded->diags) < 0)
        return fail(loaded, LAB_EXIT_USAGE);
    return check_features(loaded);
}

int lab_load_point(struct lab_loaded *loaded, uint32_t number, struct lab_program **ret_program)
{
    int code = lab_load_check(loaded, number);
    struct lab_program *program;
    struct lab_program *shrunk;
    long size;

    if (code == LAB_EXIT_OK)
        code = load_natives(loaded);
    if (code != LAB_EXIT_OK)
        return code;
    program = calloc(1, LAB_PROGRAM_BYTES_MAX);
    if (!program) {
        fprintf(stderr, "irqlab: out of memory\n");
        return LAB_EXIT_INTERNAL;
    }
    if (loaded->options->as_qemu)
        loaded->scenario.machine.as_qemu = true;
    for (uint32_t t = 0; t < loaded->scenario.task_count && loaded->options->loop; t++)
        if (loaded->scenario.tasks[t].is_loop)
            loaded->scenario.tasks[t].backend = (uint8_t)(loaded->options->loop - 1);
    size = lab_compile(&loaded->scenario, program, LAB_PROGRAM_BYTES_MAX, &loaded->diags);
    if (size < 0) {
        free(program);
        return fail(loaded, LAB_EXIT_USAGE);
    }
    shrunk = realloc(program, (size_t)size);
    if (!shrunk) {
        free(program);
        return LAB_EXIT_INTERNAL;
    }
    *ret_program = shrunk;
    return LAB_EXIT_OK;
}

void lab_unload(struct lab_loaded *loaded)
{
    free(loaded->pool.base);
    free(loaded->text);
    free(loaded->path);
    memset(loaded, 0, sizeof(*loaded));
}

void lab_point_text(const struct lab_scenario *scenario, const char *between, char *ret_text,
                    size_t size)
{
    ret_text[0] = '\0';
    for (uint32_t i = 0; i < scenario->point.knobs; i++) {
        char value[128];

        lab_value_text(scenario, &scenario->point.value[i], value, sizeof(value));
        lab_words_add(ret_text, size, "%s%s%s%s", i ? ", " : "",
                      lab_name(scenario, scenario->knobs[i].name), between, value);
    }
}
