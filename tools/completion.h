/* completion.h: what the completion scripts of the shells are made of. */
#ifndef SIPVET_TOOLS_COMPLETION_H
#define SIPVET_TOOLS_COMPLETION_H

#include "command.h"
#include "output.h"

/* Words that may stand behind `sipvet`: names, of two words the first, once; each with `separator`
 * behind it. */
void completion_first_words(char separator);
/* What operands of a kind can be; nothing for files. */
void completion_operands(enum operand_kind kind, char separator);
/* Is command `i` the first of a group of names of two words? */
bool completion_begins_group(size_t i);
/* The second words of the group that command `i` begins, with blanks. */
void completion_second_words(size_t i);
/* "uri|sdp", for a case of the shells. */
void completion_groups(void);
/* Is the argument of this option a file? */
bool completion_takes_file(const struct option_spec *spec);

/* The scripts. */
void completion_bash(void);
void completion_zsh(void);
void completion_fish(void);

#endif
