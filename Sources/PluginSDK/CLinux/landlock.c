// Landlock by its system calls: older headers know neither all of its rights nor its scopes. The
// numbers are the same on every architecture, and the kernel's for ever.
#define _GNU_SOURCE
#include "CLinux.h"

#include <fcntl.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CREATE_RULESET 444
#define ADD_RULE 445
#define RESTRICT_SELF 446
#define CREATE_RULESET_VERSION 1
#define RULE_PATH_BENEATH 1

struct ruleset {
  uint64_t handled_access_fs;
  uint64_t handled_access_net;
  uint64_t scoped;
};

struct path_beneath {
  uint64_t allowed_access;
  int32_t parent;
} __attribute__((packed));

int clinux_landlock_abi(void) {
  return (int)syscall(CREATE_RULESET, NULL, 0, CREATE_RULESET_VERSION);
}

int clinux_landlock_create(uint64_t handled_access_fs, uint64_t scoped) {
  struct ruleset ruleset = {.handled_access_fs = handled_access_fs, .scoped = scoped};
  // An older kernel refuses what it doesn't know, even fields of zeroes.
  size_t size = scoped != 0 ? sizeof ruleset : offsetof(struct ruleset, handled_access_net);
  return (int)syscall(CREATE_RULESET, &ruleset, size, 0);
}

int clinux_landlock_allow(int ruleset, int path, uint64_t access) {
  struct path_beneath rule = {.allowed_access = access, .parent = path};
  return (int)syscall(ADD_RULE, ruleset, RULE_PATH_BENEATH, &rule, 0);
}

int clinux_landlock_restrict_self(int ruleset) { return (int)syscall(RESTRICT_SELF, ruleset, 0); }

int clinux_open_location(const char *path) { return open(path, O_PATH | O_CLOEXEC); }
