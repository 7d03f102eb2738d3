/* Reads ABNF (RFC 5234, RFC 7405) into syntax trees. */
#include "abnfc.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Repetitions are unrolled, so a bound keeps a slip of the pen from filling the memory. */
enum { REPEAT_MAX = 1024 };
/* Trees are walked by functions that call themselves. */
enum { NEST_MAX = 50 };

struct reader {
    struct grammar *g;
    const char *file;
    const char *p, *end;
    const char *line_start;
    int line;
    int source;
    int nested; /* groups that are open */
};

static int column(const struct reader *r)
{
    return (int)(r->p - r->line_start) + 1;
}

static int peek(const struct reader *r)
{
    return r->p < r->end ? (unsigned char)*r->p : -1;
}

static void newline(struct reader *r)
{
    if (peek(r) == '\r')
        r->p++;
    if (peek(r) == '\n')
        r->p++;
    r->line++;
    r->line_start = r->p;
}

/* White space, comments and line ends that continue the rule (RFC 5234 c-wsp: the next line is
 * indented).  Stops at a line end behind which a new rule begins. */
static void skip_space(struct reader *r)
{
    for (;;) {
        int c = peek(r);
        if (c == ' ' || c == '\t') {
            r->p++;
        } else if (c == ';') {
            while (peek(r) != '\n' && peek(r) != -1)
                r->p++;
        } else if (c == '\r' || c == '\n') {
            const char *q = r->p;
            while (q < r->end && (*q == '\r' || *q == '\n'))
                q++;
            /* comment lines in the first column do not end a rule either */
            if (q < r->end && (*q == ' ' || *q == '\t' || *q == ';'))
                newline(r);
            else
                return;
        } else {
            return;
        }
    }
}

struct tree *new_tree(enum tree_kind kind, int line, int col)
{
    struct tree *t = zalloc(sizeof *t);
    t->kind = kind;
    t->line = line;
    t->column = col;
    return t;
}

int find_rule(struct grammar *g, const char *name)
{
    for (int i = 0; i < g->rules.n; i++)
        if (same_name(g->rules.at[i].name, name))
            return i;
    return -1;
}

int intern_rule(struct grammar *g, const char *name)
{
    int i = find_rule(g, name);
    if (i >= 0)
        return i;
    struct rule *r = PUSH(&g->rules);
    r->name = format("%s", name);
    r->view = r->root = -1;
    return g->rules.n - 1;
}

int require_rule(struct grammar *g, const char *name, const char *file, int line)
{
    int i = find_rule(g, name);
    if (i < 0 || !g->rules.at[i].defined)
        fail_at(file, line, 1, "there is no rule %s", name);
    return i;
}

static char *read_name(struct reader *r)
{
    const char *from = r->p;
    if (!isalpha(peek(r)))
        fail_at(r->file, r->line, column(r), "a rule name begins with a letter");
    while (isalnum(peek(r)) || peek(r) == '-')
        r->p++;
    return format("%.*s", (int)(r->p - from), from);
}

static int read_number(struct reader *r, int base)
{
    long v = 0;
    const char *from = r->p;
    for (; r->p < r->end; r->p++) {
        int c = tolower((unsigned char)*r->p);
        int d = isdigit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
        if (d >= base)
            break;
        v = v * base + d;
        if (v > 0xffff)
            fail_at(r->file, r->line, column(r), "number too large");
    }
    if (r->p == from)
        fail_at(r->file, r->line, column(r), "a number in base %d is wanted", base);
    return (int)v;
}

static int byte_value(struct reader *r, int base)
{
    int v = read_number(r, base);
    if (v > 255)
        fail_at(r->file, r->line, column(r), "a value above 255 is no octet");
    return v;
}

static struct tree *read_alternation(struct reader *r);

static struct tree *read_quoted(struct reader *r, bool exact)
{
    struct tree *t = new_tree(T_TEXT, r->line, column(r));
    r->p++;
    const char *from = r->p;
    while (peek(r) != '"') {
        if (peek(r) < 0x20 || peek(r) > 0x7e)
            fail_at(r->file, r->line, column(r), "a quoted string is not closed");
        r->p++;
    }
    t->n = (int)(r->p - from);
    t->text = format("%.*s", t->n, from);
    t->exact = exact;
    r->p++;
    return t;
}

static struct tree *read_percent(struct reader *r)
{
    struct tree *t = new_tree(T_TEXT, r->line, column(r));
    r->p++;
    int c = tolower(peek(r));
    r->p++;
    if ((c == 's' || c == 'i') && peek(r) == '"')
        return read_quoted(r, c == 's');
    int base = c == 'x' ? 16 : c == 'd' ? 10 : c == 'b' ? 2 : 0;
    if (!base)
        fail_at(r->file, r->line, column(r), "%%x, %%d, %%b, %%s\" or %%i\" is wanted");
    int v = byte_value(r, base);
    if (peek(r) == '-') {
        r->p++;
        t->kind = T_RANGE;
        t->min = v;
        t->max = byte_value(r, base);
        if (t->max < t->min)
            fail_at(r->file, r->line, column(r), "the range is empty");
        return t;
    }
    t->exact = true;
    t->text = zalloc(64);
    t->text[t->n++] = (char)v;
    while (peek(r) == '.') {
        r->p++;
        if (t->n >= 63)
            fail_at(r->file, r->line, column(r), "numeric string too long");
        t->text[t->n++] = (char)byte_value(r, base);
    }
    return t;
}

static struct tree *read_element(struct reader *r)
{
    int c = peek(r), line = r->line, col = column(r);
    if (c == '"')
        return read_quoted(r, false);
    if (c == '%')
        return read_percent(r);
    if (c == '<')
        fail_at(r->file, line, col, "a prose value cannot be compiled: write the rule it means");
    if (c == '(' || c == '[') {
        if (++r->nested > NEST_MAX)
            fail_at(r->file, line, col, "groups nest more than %d deep", NEST_MAX);
        r->p++;
        skip_space(r);
        struct tree *t = read_alternation(r);
        skip_space(r);
        r->nested--;
        if (peek(r) != (c == '(' ? ')' : ']'))
            fail_at(r->file, r->line, column(r), "'%c' is wanted", c == '(' ? ')' : ']');
        r->p++;
        if (c == '(')
            return t;
        struct tree *optional = new_tree(T_REPEAT, line, col);
        optional->max = 1;
        *PUSH(&optional->kids) = t;
        return optional;
    }
    if (!isalpha(c))
        fail_at(r->file, line, col, "an element is wanted");
    struct tree *t = new_tree(T_REF, line, col);
    t->rule = intern_rule(r->g, read_name(r));
    r->g->rules.at[t->rule].used = true;
    return t;
}

static struct tree *read_repetition(struct reader *r)
{
    int line = r->line, col = column(r), min = 0, max = -1;
    bool repeated = false;
    if (isdigit(peek(r))) {
        min = max = read_number(r, 10);
        repeated = true;
    }
    if (peek(r) == '*') {
        r->p++;
        repeated = true;
        max = isdigit(peek(r)) ? read_number(r, 10) : -1;
    }
    if (max > REPEAT_MAX || min > REPEAT_MAX)
        fail_at(r->file, line, col, "more than %d repetitions", REPEAT_MAX);
    if (max >= 0 && max < min)
        fail_at(r->file, line, col, "the repetition is impossible");
    struct tree *t = read_element(r);
    if (!repeated)
        return t;
    struct tree *repeat = new_tree(T_REPEAT, line, col);
    repeat->min = min;
    repeat->max = max;
    *PUSH(&repeat->kids) = t;
    return repeat;
}

static bool element_follows(const struct reader *r)
{
    int c = peek(r);
    return isalnum(c) || c == '"' || c == '%' || c == '<' || c == '(' || c == '[' || c == '*';
}

static struct tree *read_concatenation(struct reader *r)
{
    struct tree *seq = new_tree(T_SEQ, r->line, column(r));
    do {
        *PUSH(&seq->kids) = read_repetition(r);
        skip_space(r);
    } while (element_follows(r));
    return seq->kids.n == 1 ? seq->kids.at[0] : seq;
}

static struct tree *read_alternation(struct reader *r)
{
    struct tree *alt = new_tree(T_ALT, r->line, column(r));
    for (;;) {
        *PUSH(&alt->kids) = read_concatenation(r);
        skip_space(r);
        if (peek(r) != '/')
            break;
        r->p++;
        skip_space(r);
    }
    return alt->kids.n == 1 ? alt->kids.at[0] : alt;
}

/* `=/`: the new alternatives stand behind the old ones. */
static struct tree *extend(struct tree *old, struct tree *more)
{
    struct tree *alt = old;
    if (old->kind != T_ALT) {
        alt = new_tree(T_ALT, old->line, old->column);
        alt->file = old->file;
        *PUSH(&alt->kids) = old;
    }
    if (more->kind == T_ALT)
        for (int i = 0; i < more->kids.n; i++)
            *PUSH(&alt->kids) = more->kids.at[i];
    else
        *PUSH(&alt->kids) = more;
    return alt;
}

static void set_file(struct tree *t, const char *file)
{
    t->file = file;
    for (int i = 0; i < t->kids.n; i++)
        set_file(t->kids.at[i], file);
}

static void read_rule(struct reader *r)
{
    int line = r->line, col = column(r);
    int i = intern_rule(r->g, read_name(r));
    skip_space(r);
    if (peek(r) != '=')
        fail_at(r->file, r->line, column(r), "'=' is wanted behind the rule name");
    r->p++;
    bool more = peek(r) == '/';
    if (more)
        r->p++;
    skip_space(r);
    struct tree *t = read_alternation(r);
    set_file(t, r->file);
    struct rule *rule = &r->g->rules.at[i];
    if (more && !rule->defined)
        fail_at(r->file, line, col, "=/ extends %s, which has no definition yet", rule->name);
    if (!more && rule->defined)
        fail_at(r->file, line, col, "%s is already defined in %s:%d", rule->name, rule->file,
                rule->line);
    if (more) {
        rule->tree = extend(rule->tree, t);
        return;
    }
    rule->tree = t;
    rule->defined = true;
    rule->file = r->file;
    rule->line = line;
    rule->source = r->source;
}

static void read_text(struct grammar *g, const char *file, const char *text, size_t n, int source)
{
    struct reader r = {g, file, text, text + n, text, 1, source, 0};
    while (r.p < r.end) {
        int c = peek(&r);
        if (c == '\n' || c == '\r') {
            newline(&r);
        } else if (c == ';') {
            while (peek(&r) != '\n' && peek(&r) != -1)
                r.p++;
        } else if (c == ' ' || c == '\t') {
            const char *q = r.p;
            while (q < r.end && (*q == ' ' || *q == '\t'))
                q++;
            if (q < r.end && *q != '\n' && *q != '\r' && *q != ';')
                fail_at(file, r.line, column(&r), "a rule begins in the first column");
            r.p = q;
        } else {
            read_rule(&r);
            skip_space(&r);
            if (peek(&r) != '\n' && peek(&r) != '\r' && peek(&r) != -1)
                fail_at(file, r.line, column(&r), "unexpected '%c' behind the rule", peek(&r));
        }
    }
}

/* RFC 5234 appendix B.1.  LWSP is left out: it is known to be harmful and SIP does not use it. */
static const char core[] = "ALPHA = %x41-5A / %x61-7A\n"
                           "BIT = \"0\" / \"1\"\n"
                           "CHAR = %x01-7F\n"
                           "CR = %x0D\n"
                           "CRLF = CR LF\n"
                           "CTL = %x00-1F / %x7F\n"
                           "DIGIT = %x30-39\n"
                           "DQUOTE = %x22\n"
                           "HEXDIG = DIGIT / \"A\" / \"B\" / \"C\" / \"D\" / \"E\" / \"F\"\n"
                           "HTAB = %x09\n"
                           "LF = %x0A\n"
                           "OCTET = %x00-FF\n"
                           "SP = %x20\n"
                           "VCHAR = %x21-7E\n"
                           "WSP = SP / HTAB\n";

void read_core(struct grammar *g)
{
    *PUSH(&g->sources) = "rfc5234";
    read_text(g, "core rules", core, sizeof core - 1, 0);
    for (int i = 0; i < g->rules.n; i++)
        g->rules.at[i].used = true;
}

void read_abnf(struct grammar *g, const char *path)
{
    size_t n;
    char *text = read_file(path, &n);
    const char *base = strrchr(path, '/');
    char *source = format("%s", base ? base + 1 : path);
    char *dot = strrchr(source, '.');
    if (dot)
        *dot = 0;
    *PUSH(&g->sources) = source;
    read_text(g, path, text, n, g->sources.n - 1);
}
