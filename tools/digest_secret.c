/* digest_secret.c: passwords from options, files, the environment or a terminal; htdigest files.
 *
 * No secret is ever part of a message. */
#include "digest.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { CONTROL_C = 3 };

static void take(struct digest_secret *s, const void *p, size_t n)
{
    s->password = need(n + 1, 1);
    if (n > 0)
        memcpy(s->password, p, n);
    s->n = n;
}

/* The whole file less one final line end. */
static int from_file(const char *name, struct digest_secret *s)
{
    struct input input;
    int result = input_read(name, &input);
    size_t n;

    if (result != EXIT_FINE)
        return result;
    n = input.n;
    if (n > 0 && input.data[n - 1] == '\n')
        n -= n > 1 && input.data[n - 2] == '\r' ? 2 : 1;
    take(s, input.data, n);
    sipv_wipe(input.data, input.n);
    input_free(&input);
    return EXIT_FINE;
}

/* One line without echo.  Control-C ends the line too, and the program when the echo is on again.
 */
static int from_terminal(const struct arguments *args, struct digest_secret *s)
{
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    struct termios old, quiet;
    unsigned char line[1024], c = 0;
    size_t n = 0;

    if (fd < 0 || tcgetattr(fd, &old) != 0) {
        if (fd >= 0)
            close(fd);
        return usage_error(args->command, "there is no terminal to ask for the password on");
    }
    quiet = old;
    quiet.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
    quiet.c_cc[VEOL] = CONTROL_C;
    tcsetattr(fd, TCSAFLUSH, &quiet);
    if (write(fd, "Password: ", 10) != 10)
        c = '\n';
    while (c != '\n' && n < sizeof line && read(fd, &c, 1) == 1 && c != '\n' && c != CONTROL_C)
        line[n++] = c;
    tcsetattr(fd, TCSAFLUSH, &old);
    if (write(fd, "\n", 1) == 1 && c == '\n')
        take(s, line, n);
    close(fd);
    sipv_wipe(line, sizeof line);
    return s->password ? EXIT_FINE : usage_error(args->command, "no password was given");
}

static bool is_hex(const char *text)
{
    size_t n = strspn(text, "0123456789abcdef");

    return text[n] == '\0' && (n == 32 || n == 64);
}

static int from_option(const struct arguments *args, const char *value, struct digest_secret *s)
{
    if (strcmp(s->source, "--password-file") == 0)
        return from_file(value, s);
    if (strcmp(s->source, "--htdigest") == 0) {
        s->has_htdigest = true;
        return input_read(value, &s->htdigest);
    }
    if (strcmp(s->source, "--password-env") == 0) {
        const char *text = getenv(value);

        if (!text)
            return usage_error(args->command, "there is no environment variable '%s'", value);
        take(s, text, strlen(text));
        return EXIT_FINE;
    }
    if (strcmp(s->source, "--ha1") == 0) {
        s->ha1 = value;
        if (is_hex(value))
            return EXIT_FINE;
        return usage_error(args->command, "option '--ha1' takes 32 or 64 digits 0-9, a-f");
    }
    fputs("sipvet: warning: --password can be seen by others in the list of processes\n", stderr);
    take(s, value, strlen(value));
    return EXIT_FINE;
}

int digest_secret_read(const struct arguments *args, struct digest_secret *s)
{
    static const char *const names[] = {"--password-file", "--password-env", "--password", "--ha1",
                                        "--htdigest"};
    const char *value = NULL;

    memset(s, 0, sizeof *s);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!arguments_have(args, names[i] + 2))
            continue;
        if (s->source)
            return usage_error(args->command, "'%s' and '%s' exclude each other", s->source,
                               names[i]);
        s->source = names[i];
        value = arguments_value(args, names[i] + 2, NULL);
    }
    if (s->source)
        return from_option(args, value, s);
    s->source = "terminal";
    if (isatty(STDIN_FILENO))
        return from_terminal(args, s);
    return usage_error(args->command, "a password is needed: --password-file, --password-env, "
                                      "--ha1 or --htdigest");
}

/* ---- htdigest ----------------------------------------------------------------------------------
 */

static bool begins_with(sipv_slice line, sipv_slice text)
{
    return line.n >= text.n && (text.n == 0 || memcmp(line.p, text.p, text.n) == 0);
}

/* Is the line `name:realm:HA1`, of so many digits?  The name may have colons. */
static bool is_entry(sipv_slice line, sipv_slice name, sipv_slice realm, size_t digits)
{
    size_t rest = name.n + realm.n + 2;

    return line.n == rest + digits && begins_with(line, name) && line.p[name.n] == ':' &&
           begins_with(sipv_slice_of(line.p + name.n + 1, line.n - name.n - 1), realm) &&
           line.p[rest - 1] == ':';
}

/* The next line without its line end; `*at` begins with 0. */
static bool next_line(const struct input *file, size_t *at, sipv_slice *line)
{
    const unsigned char *from = file->data + *at, *end;

    if (*at >= file->n)
        return false;
    end = memchr(from, '\n', file->n - *at);
    *line = sipv_slice_of(from, end ? (size_t)(end - from) : file->n - *at);
    *at += line->n + 1;
    if (line->n > 0 && line->p[line->n - 1] == '\r')
        line->n--;
    return true;
}

/* The name of a line that has this hash; absent if it is another. */
static sipv_slice name_of(struct digest_secret *s, sipv_hasher *h, sipv_slice line,
                          sipv_slice hashed, const sipv_digest *d)
{
    const sipv_slice none = {NULL, 0};
    size_t digits = sipv_algorithm_digits(d->algorithm), rest = d->realm.n + 2 + digits;
    sipv_digits name;
    sipv_slice text;

    if (line.n < rest || line.n - rest >= sizeof s->name)
        return none;
    text = sipv_slice_of(line.p, line.n - rest);
    if (!is_entry(line, text, d->realm, digits) ||
        sipv_digest_userhash(h, d->algorithm, text, d->realm, &name) != SIPV_OK ||
        !sipv_digits_equal(&name, hashed))
        return none;
    if (text.n > 0)
        memcpy(s->name, text.p, text.n);
    return sipv_slice_of(s->name, text.n);
}

static bool from_htdigest(struct digest_secret *s, sipv_hasher *h, sipv_slice hashed,
                          sipv_digest *d)
{
    size_t digits = sipv_algorithm_digits(d->algorithm), at = 0;
    sipv_slice line;

    while (digits && next_line(&s->htdigest, &at, &line)) {
        sipv_slice name = hashed.p ? name_of(s, h, line, hashed, d) : d->username;

        if (!name.p || !is_entry(line, name, d->realm, digits))
            continue;
        memcpy(s->found.text, line.p + line.n - digits, digits);
        s->found.text[digits] = '\0';
        s->found.n = (unsigned)digits;
        if (!is_hex(s->found.text))
            continue;
        d->username = name;
        d->ha1 = sipv_digits_slice(&s->found);
        return true;
    }
    return false;
}

bool digest_secret_give(struct digest_secret *s, sipv_hasher *h, sipv_slice hashed, sipv_digest *d)
{
    sipv_digits name;

    if (s->has_htdigest)
        return from_htdigest(s, h, hashed, d);
    if (s->ha1) {
        d->ha1 = sipv_slice_text(s->ha1);
        return true;
    }
    d->password = sipv_slice_of(s->password, s->n);
    /* Of a hashed name the clear one must be told. */
    return !hashed.p ||
           (d->username.p &&
            sipv_digest_userhash(h, d->algorithm, d->username, d->realm, &name) == SIPV_OK &&
            sipv_digits_equal(&name, hashed));
}

void digest_secret_free(struct digest_secret *s)
{
    sipv_wipe(s->password, s->n);
    sipv_wipe(s->htdigest.data, s->htdigest.n);
    free(s->password);
    input_free(&s->htdigest);
    sipv_wipe(s, sizeof *s);
}
