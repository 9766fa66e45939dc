// Process creation as posix_spawn does it inside (the child borrows the parent's memory until it
// executes, so nothing is copied however large the parent is), with what posix_spawn can't do:
// execution of an open descriptor, a pidfd from birth, limits, and a pid file.
#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILD_STACK_BYTES (128 * 1024)
#define KERNEL_SIGSET_BYTES 8

struct child {
  const struct clinux_spawn_request *request;
  struct clinux_spawn_result *result;
  pid_t parent;
};

// The child's memory is the parent's: this is how the parent learns of a failure.
static int failed(struct child *child, const char *call) {
  child->result->error = errno;
  child->result->failed_call = call;
  return -1;
}

static int write_pid(int descriptor) {
  char text[16];
  size_t at = sizeof text;
  text[--at] = '\n';
  for (pid_t rest = getpid(); rest > 0; rest /= 10) text[--at] = (char)('0' + rest % 10);
  size_t length = sizeof text - at;
  if (ftruncate(descriptor, 0) != 0) return -1;
  ssize_t written = pwrite(descriptor, text + at, length, 0);
  if (written >= 0 && (size_t)written != length) errno = ENOSPC;
  return written == (ssize_t)length ? 0 : -1;
}

static int become(struct child *child) {
  const struct clinux_spawn_request *request = child->request;
  // Ignored signals would stay ignored over exec. Asked of the kernel itself, because the C library
  // keeps two numbers from its callers; an action of all zeroes is the default.
  static const char initial[64];
  for (int number = 1; number < NSIG; number++)
    syscall(SYS_rt_sigaction, number, initial, NULL, KERNEL_SIGSET_BYTES);

  if (request->new_session && setsid() < 0) return failed(child, "setsid");
  if (request->new_process_group && !request->new_session && setpgid(0, 0) != 0)
    return failed(child, "setpgid");
  if (request->parent_death_signal != 0) {
    if (prctl(PR_SET_PDEATHSIG, request->parent_death_signal) != 0)
      return failed(child, "prctl(PR_SET_PDEATHSIG)");
    // The parent may have died before the request counted.
    if (getppid() != child->parent) {
      errno = ESRCH;
      return failed(child, "getppid");
    }
  }
  if (request->working_directory != NULL && chdir(request->working_directory) != 0)
    return failed(child, "chdir");
  if (request->pid_file >= 0 && write_pid(request->pid_file) != 0)
    return failed(child, "write pid file");
  return 0;
}

// Sources and targets may overlap, so every source moves above all targets first.
static int arrange_descriptors(struct child *child, int *executable, int *ruleset) {
  const struct clinux_spawn_request *request = child->request;
  int floor = 3;
  for (size_t i = 0; i < request->mapping_count; i++)
    if (request->mappings[i].target >= floor) floor = request->mappings[i].target + 1;

  if (close_range(0, UINT_MAX, CLOSE_RANGE_CLOEXEC) != 0) return failed(child, "close_range");
  for (size_t i = 0; i < request->mapping_count; i++) {
    struct clinux_descriptor_mapping *mapping = &request->mappings[i];
    mapping->scratch = fcntl(mapping->source, F_DUPFD_CLOEXEC, floor);
    if (mapping->scratch < 0) return failed(child, "fcntl(F_DUPFD_CLOEXEC)");
  }
  if (*executable >= 0) {
    *executable = fcntl(*executable, F_DUPFD_CLOEXEC, floor);
    if (*executable < 0) return failed(child, "fcntl(F_DUPFD_CLOEXEC)");
    // An interpreter opens the script again through /dev/fd, after exec.
    char magic[2];
    int is_script = pread(*executable, magic, 2, 0) == 2 && magic[0] == '#' && magic[1] == '!';
    if (is_script && fcntl(*executable, F_SETFD, 0) != 0) return failed(child, "fcntl(F_SETFD)");
  }
  if (*ruleset >= 0) {
    *ruleset = fcntl(*ruleset, F_DUPFD_CLOEXEC, floor);
    if (*ruleset < 0) return failed(child, "fcntl(F_DUPFD_CLOEXEC)");
  }
  for (size_t i = 0; i < request->mapping_count; i++)
    if (dup2(request->mappings[i].scratch, request->mappings[i].target) < 0)
      return failed(child, "dup2");
  return 0;
}

static int confine(struct child *child, int ruleset) {
  const struct clinux_spawn_request *request = child->request;
  for (size_t i = 0; i < request->limit_count; i++) {
    const struct clinux_resource_limit *limit = &request->limits[i];
    struct rlimit value = {.rlim_cur = limit->soft, .rlim_max = limit->hard};
    if (setrlimit((__rlimit_resource_t)limit->resource, &value) != 0)
      return failed(child, "setrlimit");
  }
  if (request->no_new_privileges && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return failed(child, "prctl(PR_SET_NO_NEW_PRIVS)");
  if (ruleset < 0) return 0;
  // Root's ways around: to look into other processes, and to change what is mounted. The bounding
  // set counts from exec on; who may not lower it has no such capability to lose.
  static const int around[] = {CAP_SYS_PTRACE, CAP_SYS_ADMIN, CAP_PERFMON};
  for (size_t i = 0; i < sizeof around / sizeof around[0]; i++)
    if (prctl(PR_CAPBSET_DROP, around[i], 0, 0, 0) != 0 && errno != EPERM)
      return failed(child, "prctl(PR_CAPBSET_DROP)");
  if (clinux_landlock_restrict_self(ruleset) != 0) return failed(child, "landlock_restrict_self");
  return 0;
}

static int run_child(void *argument) {
  struct child *child = argument;
  const struct clinux_spawn_request *request = child->request;
  int executable = request->executable_descriptor;
  int ruleset = request->ruleset;
  if (become(child) != 0 || arrange_descriptors(child, &executable, &ruleset) != 0 ||
      confine(child, ruleset) != 0)
    _exit(127);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  if (executable >= 0)
    execveat(executable, "", request->arguments, request->environment, AT_EMPTY_PATH);
  else
    execve(request->executable_path, request->arguments, request->environment);
  failed(child, "exec");
  _exit(127);
}

int clinux_spawn(const struct clinux_spawn_request *request, struct clinux_spawn_result *result) {
  struct child child = {.request = request, .result = result, .parent = getpid()};
  *result = (struct clinux_spawn_result){.pid = -1, .pidfd = -1, .error = 0, .failed_call = NULL};

  void *stack = mmap(NULL, CHILD_STACK_BYTES, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (stack == MAP_FAILED) return failed(&child, "mmap");

  // A handler of the parent's must not run in the child, which shares its memory.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int pidfd = -1;
  pid_t pid = clone(run_child, (char *)stack + CHILD_STACK_BYTES,
                    CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, &child, &pidfd);
  int clone_error = errno;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  munmap(stack, CHILD_STACK_BYTES);

  if (pid < 0) {
    errno = clone_error;
    return failed(&child, "clone");
  }
  if (result->error != 0) {
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) continue;
    close(pidfd);
    return -1;
  }
  result->pid = pid;
  result->pidfd = pidfd;
  return 0;
}
