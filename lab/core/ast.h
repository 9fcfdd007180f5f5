/*
 * lab/core/ast.h - the tree of a scenario and what the checks find out about it.
 *
 * Source: docs/language.md (grammar and rules).
 *
 * Everything lives in one block of memory given by the caller (struct lab_pool). lab_parse()
 * makes the nodes, the names and the strings; lab_check() fills the tables of struct
 * lab_scenario and the fields `role`, `ref`, `aux` and `value` of the nodes for ONE point of
 * the knobs. Checking another point overwrites both, so compile a point right after checking
 * it.
 *
 * Not modelled: layout and comments (a formatter reads the text itself).
 */
#ifndef LAB_CORE_AST_H
#define LAB_CORE_AST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An index into lab_scenario.nodes, 0 = none. */
typedef uint32_t lab_node_id;
/* An interned text (lab_name()): names and the decoded strings of the scenario, 0 = none. */
typedef uint32_t lab_name_id;

/* A bump allocator over the caller's memory; nothing is ever given back. */
struct lab_pool {
    char *base;
    size_t size;
    size_t used;
};

enum {
    LAB_TEXT_MAX = 1 << 20, /* bytes of one scenario: it tells one story on a page or two */
    LAB_DEPTH_MAX = 100,    /* nesting of blocks and of expressions: bounds recursion */
    LAB_NAME_MAX = 63,      /* bytes of a name: keeps diagnostics and tables readable */
    LAB_KNOBS_MAX = 16,     /* `vary` statements */
    LAB_KNOB_VALUES_MAX = 10000, /* values of one knob: no more points than this anyway */
    LAB_POINTS_MAX = 10000,      /* the cross product of the knobs */
    LAB_TOKENS_MAX = 255,        /* a token id is one byte, 0 = none */
    LAB_LOOP_TOKENS = 64,        /* numbers reserved for a name written inside a task's loop */
    LAB_DISK_TOKENS = 16,        /* completions a disk can name: disk1 … disk16 */
    LAB_DEVICES_MAX = 64,        /* declared devices */
    LAB_FILES_MAX = 64, /* files by name: of drivers, devices, `file`, mkfifo, listen */
    LAB_DRIVERS_MAX = 64,
    LAB_TASKS_MAX = 64, /* task declarations, and instances of all `* N` together */
    LAB_PROCESSES_MAX = 32,
    LAB_WORLDS_MAX = 16,
    LAB_EXPECTS_MAX = 64,
    LAB_VARIABLES_MAX = 1024,
    LAB_ACTIONS_MAX = 4096, /* actions of all worlds after unrolling `repeat` */
    LAB_SENT_MAX = 4096,    /* entries of lab_scenario.sent */
    LAB_ASYNCS_MAX = 64,    /* async callbacks of all loops */
    LAB_FEATURES_MAX = 256,
    LAB_COSTS_MAX = 8,
    LAB_POLICIES_MAX = 16,
};

/* Node kinds. Children are listed in the order of the `first`/`next` chain; "[x]" may be absent
 * only at the end of the chain, elsewhere an absent child is a LAB_N_NONE node. `name`, `op`
 * and `value` are given where they mean something. */
enum lab_node_kind {
    LAB_N_NONE,  /* an absent child: for (;;), an omitted length */
    LAB_N_ERROR, /* a part that was reported already; silences everything that uses it */

    /* Declarations: the chain from lab_scenario.root. */
    LAB_N_TITLE,    /* name = text (a string) */
    LAB_N_ABOUT,    /* name = text */
    LAB_N_QUESTION, /* name = text */
    LAB_N_ANSWER,   /* name = text, op = 1 if correct */
    LAB_N_VARY, /* name = knob, op = enum lab_vary; children: VALUE… (list), or from to step */
    LAB_N_LIMIT,   /* op = enum lab_limit, value = number */
    LAB_N_MACHINE, /* children: WORD or KNOB, OPTION… */
    LAB_N_DEVICE,  /* children: NAMES, WORD or KNOB (the model), OPTION… */
    LAB_N_FILE,    /* name; children: STR, DISK (a NAME) or NONE, OPTION… */
    LAB_N_DRIVER, /* name, op = enum lab_driver_kind; children: NAMES (devices), then WORD, KNOB
                   * or STR (built-in, shared object) or members: MEMBER_BLOCK, FLOW, ONESHOT,
                   * QUEUE, FILES, STATE … */
    LAB_N_TASK,   /* name; children: count (VALUE) or NONE, cpu (VALUE) or NONE, BLOCK */
    LAB_N_PROCESS, /* name; children: max (INT) or NONE, START or NONE, TASK… */
    LAB_N_LOOP,    /* name; children: back end (WORD, KNOB) or NONE, cpu or NONE, BLOCK */
    LAB_N_WORLD,   /* name or 0; children: ACTION, REPEAT … */
    LAB_N_EXPECT,  /* op = enum lab_quantifier; children: expression, [when expression];
                    * the span is that of the whole statement without `;` */

    /* Parts of declarations. */
    LAB_N_NAMES,   /* children: NAME… */
    LAB_N_OPTION,  /* name; children: values (INT, TIME, CHAR, WORD, KNOB, FLAGS, VERSION) */
    LAB_N_FLAGS,   /* a|b in a value; children: simple values */
    LAB_N_VERSION, /* 5.5: value = major << 16 | minor */
    LAB_N_WORD,    /* name: a word that is no variable: machine, model, flow, edge … */
    LAB_N_MEMBER_BLOCK, /* op = enum lab_block; child: BLOCK */
    LAB_N_FLOW,         /* child: WORD or KNOB */
    LAB_N_ONESHOT,
    LAB_N_QUEUE,  /* child: value */
    LAB_N_FILES,  /* child: NAMES */
    LAB_N_STATE,  /* child: NAMES */
    LAB_N_ACTION, /* op = enum lab_when; children: time expression or NONE, CALL (of a FIELD) */
    LAB_N_REPEAT, /* children: count (value), ACTION, REPEAT … */

    /* Statements. */
    LAB_N_BLOCK,   /* children: statements */
    LAB_N_EMPTY,   /* ; */
    LAB_N_IF,      /* children: condition, then, [else] */
    LAB_N_WHILE,   /* children: condition, body */
    LAB_N_DO,      /* children: body, condition */
    LAB_N_FOR,     /* children: init or NONE, condition or NONE, step or NONE, body */
    LAB_N_FOREACH, /* children: NAME, NAME, call expression, body */
    LAB_N_BREAK,
    LAB_N_CONTINUE,
    LAB_N_RETURN, /* child: [expression] */
    LAB_N_EXPR,   /* child: expression */
    LAB_N_START,  /* child: BLOCK (in a loop: a statement; in a process: a part) */
    LAB_N_ON,     /* children: descriptor, events, BLOCK */
    LAB_N_OFF,    /* child: descriptor */
    LAB_N_TIMER,  /* children: time, repeat time or NONE, BLOCK */
    LAB_N_ASYNC,  /* name; child: BLOCK */

    /* Expressions. */
    LAB_N_INT,    /* value */
    LAB_N_TIME,   /* value in nanoseconds */
    LAB_N_CHAR,   /* value */
    LAB_N_STR,    /* name = decoded bytes */
    LAB_N_NAME,   /* name; role says what it is */
    LAB_N_KNOB,   /* name (without $); role KNOB */
    LAB_N_UNARY,  /* op: LAB_OP_NOT, LAB_OP_COMPL, LAB_OP_NEG */
    LAB_N_BINARY, /* op: LAB_OP_MUL … LAB_OP_LOR; children: left, right */
    LAB_N_COND,   /* children: condition, then, else */
    LAB_N_ASSIGN, /* op: LAB_OP_NONE for =, else the operator of op=; children: target, value */
    LAB_N_STEP,   /* ++ --: op = enum lab_step_op; child: target */
    LAB_N_CALL,   /* children: callee (NAME or FIELD), arguments */
    LAB_N_INDEX,  /* children: base, index */
    LAB_N_FIELD,  /* .name, or .value when name is 0 (t.1); child: base */
    LAB_N_BRACES, /* { a, b }; children: elements */
    LAB_N_SET, /* op = enum lab_set; value = enum lab_set_form; children: RANGE, NAME tokens */
    LAB_N_RANGE, /* a .. b in a set; children: NAME, NAME */
    LAB_N_KINDS
};

enum lab_vary { LAB_VARY_LIST, LAB_VARY_RANGE };

enum lab_limit { LAB_LIMIT_TICKS, LAB_LIMIT_STEPS };

enum lab_driver_kind {
    LAB_DRIVER_SCENARIO, /* written in the scenario */
    LAB_DRIVER_BUILTIN,  /* one of the project's C drivers, by name */
    LAB_DRIVER_SHARED    /* a shared object, by file name */
};

enum lab_block {
    LAB_BLOCK_INIT,
    LAB_BLOCK_IRQ,
    LAB_BLOCK_THREAD,
    LAB_BLOCK_OPEN,
    LAB_BLOCK_RELEASE,
    LAB_BLOCK_READ,
    LAB_BLOCK_WRITE,
    LAB_BLOCK_POLL,
    LAB_BLOCKS
};

enum lab_when {
    LAB_WHEN_NOW,   /* no prefix */
    LAB_WHEN_AT,    /* at T: */
    LAB_WHEN_AFTER, /* after T: */
    LAB_WHEN_SETTLE /* settle: */
};

enum lab_quantifier {
    LAB_QUANTIFIER_TIMED, /* none written: judged with times */
    LAB_ALWAYS,
    LAB_SOMETIMES,
    LAB_NEVER
};

enum lab_set {
    LAB_SET_READ,
    LAB_SET_LOST,
    LAB_SET_LEFT,
    LAB_SET_DROPPED,
    LAB_SET_LATE,
    LAB_SET_TWICE,
    LAB_SETS
};

enum lab_set_form {
    LAB_SET_SOME,    /* `lost`: not empty */
    LAB_SET_NOTHING, /* `lost nothing`: empty */
    LAB_SET_ALL,     /* `read all`: every token */
    LAB_SET_EXACT    /* `lost b1, a2`: exactly these */
};

enum lab_op {
    LAB_OP_NONE,
    LAB_OP_NOT,   /* ! */
    LAB_OP_COMPL, /* ~ */
    LAB_OP_NEG,   /* unary - */
    LAB_OP_MUL,
    LAB_OP_DIV,
    LAB_OP_MOD,
    LAB_OP_ADD,
    LAB_OP_SUB,
    LAB_OP_SHL,
    LAB_OP_SHR, /* arithmetic */
    LAB_OP_LT,
    LAB_OP_GT,
    LAB_OP_LE,
    LAB_OP_GE,
    LAB_OP_EQ,
    LAB_OP_NE,
    LAB_OP_AND,
    LAB_OP_XOR,
    LAB_OP_OR,
    LAB_OP_LAND,
    LAB_OP_LOR
};

enum lab_step_op { LAB_PRE_INC, LAB_PRE_DEC, LAB_POST_INC, LAB_POST_DEC };

/* What the checks found a node to be. */
enum lab_role {
    LAB_ROLE_NONE,
    LAB_ROLE_VARIABLE, /* NAME: ref = index in variables */
    LAB_ROLE_CONSTANT, /* NAME, WORD, KNOB: value = the number (flag, errno, signal, mask) */
    LAB_ROLE_WORD,     /* NAME, KNOB in `when`: the word `name` itself (not a number) */
    LAB_ROLE_KNOB,     /* NAME, KNOB: ref = knob; its value is a number, also in `value` */
    LAB_ROLE_TOKENS, /* NAME or STR that is sent: ref = how many, aux = first index in `sent` */
    LAB_ROLE_TOKEN,  /* NAME in a set: ref = token id */
    LAB_ROLE_DEVICE, /* NAME: ref = device */
    LAB_ROLE_CHIP,   /* NAME: ref = enum lab_model of a chip of the machine's controller */
    LAB_ROLE_FILE,   /* NAME, or STR in open() …: ref = file */
    LAB_ROLE_DRIVER, /* NAME in runs(), spurious(): ref = driver */
    LAB_ROLE_TASK,   /* NAME or FIELD: ref = task, aux = instance (1 …), 0 = all of them;
                      * `op` = its children t.1.2, 4 bits each, the first one lowest */
    LAB_ROLE_ASYNC,  /* NAME in async_send(): ref = task (loop), aux = the ASYNC node */
    LAB_ROLE_SELF,   /* NAME self */
    LAB_ROLE_BUF,    /* NAME buf, only as buf[i] */
    LAB_ROLE_FD,     /* NAME fd in an `on` callback: what was reported */
    LAB_ROLE_EVENTS, /* NAME events, likewise */
    LAB_ROLE_BYTE,   /* NAME value in a driver's write block */
    LAB_ROLE_REGISTER, /* FIELD dev.REG: ref = register index in lab_registers(); aux = device
                        * index, or LAB_AUX_CHIP | model; value = offset of REG or REG[0] */
    LAB_ROLE_BIT,      /* FIELD dev.REG.BIT, dev.REG[i].BIT: value = mask; child = register */
    LAB_ROLE_TASK_VARIABLE, /* FIELD t.x in expect: ref = variable, aux = instance (1 …),
                             * `op` = children as for TASK */
    LAB_ROLE_SYSCALL,       /* CALL: ref = enum lab_syscall */
    LAB_ROLE_KCALL,         /* CALL: ref = enum lab_kcall; aux = device + 1 for dev.call() */
    LAB_ROLE_VERB,          /* CALL in the world: ref = enum lab_verb; aux = device */
    LAB_ROLE_MEASURE,       /* CALL in expect: ref = enum lab_measure */
    LAB_ROLE_ENDING         /* NAME in expect: ref = enum lab_ending (storm starve spin hang) */
};

#define LAB_AUX_CHIP 0x80000000u

struct lab_node {
    uint16_t kind;   /* enum lab_node_kind */
    uint16_t op;     /* by kind */
    uint32_t offset; /* of the span's first byte in the text */
    uint32_t line;   /* 1 … */
    uint32_t column; /* in bytes, 1 … */
    uint32_t length; /* of the span in bytes; it may run over line ends */
    lab_node_id first;
    lab_node_id next;
    lab_name_id name;
    int64_t value;
    uint16_t role; /* from here on: filled by lab_check() */
    uint16_t ref;
    uint32_t aux;
};

enum lab_value_kind {
    LAB_V_NONE,
    LAB_V_INT,
    LAB_V_TIME, /* number in nanoseconds */
    LAB_V_CHAR,
    LAB_V_WORD, /* name; number too if the word is a flag (numeric) */
    LAB_V_FLAGS /* a|b: number; the text is that of `node`, or of a pin */
};

/* A value of a knob or of a constant expression. */
struct lab_value {
    uint8_t kind;     /* enum lab_value_kind */
    bool numeric;     /* `number` is valid */
    lab_name_id name; /* the word; for FLAGS the text as written without blanks */
    int64_t number;
};

struct lab_knob {
    lab_name_id name;
    lab_node_id node; /* the VARY node */
    uint32_t count;   /* values in the list or range */
    uint32_t first;   /* list: index of the first in lab_scenario.values */
    int64_t from;     /* range: value i is from + i * step */
    int64_t step;
    uint8_t kind; /* range: LAB_V_INT or LAB_V_TIME */
    bool range;
    bool pinned; /* by -D: `pin` stands for the whole list */
    struct lab_value pin;
};

/* One point of the cross product: a value for each knob. */
struct lab_point {
    uint32_t knobs;
    struct lab_value value[LAB_KNOBS_MAX];
};

struct lab_cost {
    uint8_t which; /* enum lab_cost_kind */
    int64_t ns;
};

/* The third: as neither the architecture nor this QEMU, where they agree. */
enum lab_policy_to { LAB_POLICY_ARCHITECTURE, LAB_POLICY_QEMU, LAB_POLICY_OTHER };

struct lab_policy_setting {
    unsigned row; /* of sim_policies(); the language writes its name with _ for - */
    uint8_t to;   /* enum lab_policy_to */
};

/* The board. Without a `machine` statement: textbook. */
struct lab_machine {
    lab_node_id node; /* 0: none written */
    uint8_t id;       /* enum lab_machine_id */
    bool unknown;     /* its name was wrong; what depends on it is not checked */
    bool as_qemu;
    uint8_t cpus; /* 1 … 8 */
    uint16_t linux_major;
    uint16_t linux_minor;
    bool linux_given;
    bool forgets_active; /* textbook */
    bool forgets_masked;
    bool sample_edges;
    int64_t sample_ns; /* 0: lines are looked at all the time */
    uint8_t cost_count;
    struct lab_cost cost[LAB_COSTS_MAX];
    uint8_t policy_count;
    struct lab_policy_setting policy[LAB_POLICIES_MAX];
};

struct lab_device {
    lab_name_id name;
    lab_node_id node; /* the NAME in the declaration */
    uint8_t model;    /* enum lab_model */
    uint8_t trigger;  /* enum lab_trigger */
    uint8_t request;  /* enum lab_request (source) */
    bool full_wait;   /* source: the world waits when the FIFO is full */
    uint8_t cpu;
    uint16_t instance;   /* of its model on the board, 0 … */
    uint16_t irq;        /* input of the controller, as in `irq N` */
    uint16_t fifo;       /* source: depth */
    int64_t pulse_ns;    /* `request pulse T`, or the pulse of a line */
    int64_t posted_ns;   /* 0: writes take effect at once */
    uint16_t driver;     /* index in drivers; every device has one */
    uint8_t first_token; /* timers, disks: token id of its first expiration; else 0 */
    uint8_t token_count;
};

enum lab_file_kind {
    LAB_FILE_DRIVER,  /* made by a driver (owner = driver) */
    LAB_FILE_REGULAR, /* `file` (owner = disk + 1 or 0) */
    LAB_FILE_FIFO,    /* mkfifo() */
    LAB_FILE_SOCKET   /* listen() */
};

struct lab_file {
    lab_name_id name;
    lab_node_id node;
    uint8_t kind; /* enum lab_file_kind */
    bool buffered;
    uint16_t owner;
    lab_name_id content; /* REGULAR */
};

struct lab_driver {
    lab_name_id name;
    lab_node_id node; /* the DRIVER node; 0 for the default driver of a device */
    uint8_t kind;     /* enum lab_driver_kind */
    uint8_t builtin;  /* BUILTIN: enum lab_model whose C driver it is */
    uint8_t flow;     /* enum lab_flow, the default already filled in */
    bool oneshot;
    uint16_t queue;      /* entries per file */
    lab_name_id shared;  /* SHARED: file name */
    lab_node_id word;    /* SHARED: where it is named */
    uint8_t native;      /* SHARED: as which it was loaded, see drv_c_native() */
    uint16_t first_file; /* its files lie side by side in lab_scenario.files */
    uint16_t file_count;
    lab_node_id block[LAB_BLOCKS]; /* BLOCK nodes, 0 if absent */
};

struct lab_task {
    lab_name_id name;
    lab_node_id node; /* TASK or LOOP node */
    lab_node_id body; /* BLOCK */
    uint16_t count;   /* instances: 1 without `* N` */
    bool numbered;    /* `* N` was written: the instances are NAME1 … */
    uint16_t process; /* index + 1, 0: a process of its own */
    uint8_t cpu;
    bool pinned; /* `on cpu C` was written */
    bool is_loop;
    uint8_t backend; /* enum lab_backend */
};

struct lab_process {
    lab_name_id name;
    lab_node_id node;
    lab_node_id start; /* BLOCK or 0 */
    uint16_t max;      /* tasks of its tree */
};

struct lab_world {
    lab_name_id name; /* 0: no name was written */
    lab_node_id node;
    uint16_t first_action; /* in lab_scenario.actions */
    uint16_t action_count;
};

/* One action of a world, `repeat` unrolled, one token each. */
struct lab_action {
    lab_node_id node; /* the ACTION node */
    uint8_t when;     /* enum lab_when; the 2nd token of one send() is NOW */
    uint8_t verb;     /* enum lab_verb */
    uint8_t token;    /* token id, 0 = none */
    uint16_t device;
    int64_t time_ns; /* AT, AFTER */
    int64_t arg[2];  /* drive: pin, level; pulse: width in ns or 0; finish: k or 0 */
};

struct lab_expect {
    lab_node_id node;
    uint8_t quantifier; /* enum lab_quantifier */
    bool matches;       /* its `when` holds at this point */
    lab_node_id predicate;
    lab_node_id when; /* 0 = always */
};

enum lab_scope {
    LAB_SCOPE_TASK,    /* owner = task */
    LAB_SCOPE_PROCESS, /* owner = process */
    LAB_SCOPE_BLOCK,   /* owner = driver, block says which one */
    LAB_SCOPE_STATE    /* owner = driver */
};

struct lab_variable {
    lab_name_id name;
    lab_node_id node; /* the first assignment's target */
    uint8_t scope;    /* enum lab_scope */
    uint8_t block;    /* enum lab_block */
    uint16_t owner;
    uint16_t slot;     /* 0 … within (scope, owner, block) */
    bool shared_write; /* STATE: assigned anywhere; PROCESS: assigned outside `start`: an access
                        * to it is then a step of its own */
};

enum lab_actor_kind {
    LAB_ACTOR_WORLD,
    LAB_ACTOR_TASK,
    LAB_ACTOR_DEVICE /* timers and disks make their own tokens */
};

struct lab_token {
    lab_name_id name;
    uint8_t byte;
    uint8_t actor_kind; /* enum lab_actor_kind */
    uint16_t actor;     /* world, task or device */
    uint16_t reserved;  /* ids kept for this name in a loop, this one first; 1: it has just one;
                         * 0: one of those kept */
    uint16_t device;    /* index + 1 of the device it goes to; 0 for a task's token */
    lab_node_id node;   /* the argument that names it first */
};

/* A part of the language that is used, for the engines to say what they cannot do yet. */
struct lab_feature {
    const char *name; /* a system call, model, machine, back end, or a word like "fork" */
    lab_node_id node; /* where it is used first */
};

struct lab_name_entry {
    uint32_t offset; /* into lab_scenario.chars */
    uint32_t length;
    uint32_t hash;
    lab_name_id chain; /* next with the same bucket */
};

struct lab_scenario {
    const char *file_name;
    const char *text;
    uint32_t text_length;
    struct lab_pool *pool;
    bool parse_failed; /* lab_check() then refuses: it would only report what follows from it */

    struct lab_node *nodes;
    uint32_t node_count; /* nodes[0] is unused */
    lab_node_id root;    /* first declaration */

    char *chars; /* bytes of all names, each followed by a 0 */
    uint32_t chars_used, chars_size;
    struct lab_name_entry *names;
    uint32_t name_count, name_size; /* names[0] is unused */
    lab_name_id *buckets;
    uint32_t bucket_count; /* a power of two */

    /* From the text alone, the same at every point. */
    lab_name_id title, about, question;
    uint32_t knob_count;
    struct lab_knob knobs[LAB_KNOBS_MAX];
    struct lab_value *values; /* listed values of all knobs */
    uint32_t value_count;
    uint32_t limit_ticks; /* 8 */
    uint64_t limit_steps; /* 1,000,000 */

    /* From lab_check(), for one point. Each array has room for its named maximum. */
    struct lab_point point;
    struct lab_machine machine;
    struct lab_device *devices;
    struct lab_file *files;
    struct lab_driver *drivers;
    struct lab_task *tasks;
    struct lab_process *processes;
    struct lab_world *worlds;
    struct lab_action *actions;
    struct lab_expect *expects;
    struct lab_variable *variables;
    struct lab_token *tokens; /* tokens[1] … tokens[token_count] */
    uint8_t *sent;            /* token ids, see LAB_ROLE_TOKENS */
    struct lab_feature *features;
    bool whens_checked; /* every `when` was seen to match somewhere, or reported */
    uint16_t device_count, file_count, driver_count, task_count, process_count, world_count;
    uint16_t action_count, expect_count, variable_count, token_count, sent_count, feature_count;
};

/* The text of a name or string, 0-terminated (a string may hold further zeros; see length). */
static inline const char *lab_name(const struct lab_scenario *s, lab_name_id id)
{
    return s->chars + s->names[id].offset;
}

static inline uint32_t lab_name_length(const struct lab_scenario *s, lab_name_id id)
{
    return s->names[id].length;
}

/* The k-th child (0 …) of a node, 0 if it has fewer. */
static inline lab_node_id lab_child(const struct lab_scenario *s, lab_node_id node, unsigned k)
{
    lab_node_id child = s->nodes[node].first;

    while (k-- > 0 && child != 0) {
        child = s->nodes[child].next;
    }
    return child;
}

#endif
