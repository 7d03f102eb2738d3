/* Which sanitizer this build has. */
#ifndef FUZZ_SANITIZERS_H
#define FUZZ_SANITIZERS_H

#ifndef __has_feature
#define __has_feature(name) 0
#endif

#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define FUZZ_ADDRESS 1
#else
#define FUZZ_ADDRESS 0
#endif

#if __has_feature(memory_sanitizer)
#define FUZZ_MEMORY 1
#else
#define FUZZ_MEMORY 0
#endif

#if defined(__SANITIZE_THREAD__) || __has_feature(thread_sanitizer)
#define FUZZ_THREAD 1
#else
#define FUZZ_THREAD 0
#endif

#define FUZZ_SANITIZED (FUZZ_ADDRESS || FUZZ_MEMORY)

#endif
