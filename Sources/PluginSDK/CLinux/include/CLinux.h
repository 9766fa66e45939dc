// What Glibc's Swift module lacks of Linux, and the one piece of process creation that must be
// C: code between clone and exec may not touch the Swift runtime. Imported by LinuxSystem alone.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/types.h>

struct clinux_descriptor_mapping {
  int source;
  int target;
  // The child's own; filled and read between clone and exec.
  int scratch;
};

struct clinux_resource_limit {
  int resource;
  uint64_t soft;
  uint64_t hard;
};

// Everything that the child needs, prepared before clone so that it allocates nothing.
struct clinux_spawn_request {
  int executable_descriptor;  // -1: executable_path counts
  const char *executable_path;
  char *const *arguments;
  char *const *environment;
  const char *working_directory;  // NULL: the parent's
  struct clinux_descriptor_mapping *mappings;
  size_t mapping_count;
  const struct clinux_resource_limit *limits;
  size_t limit_count;
  int new_session;
  int new_process_group;
  int no_new_privileges;
  int parent_death_signal;  // 0: none
  int pid_file;             // -1: none
  int ruleset;              // of Landlock; -1: none
};

struct clinux_spawn_result {
  pid_t pid;
  int pidfd;
  // errno of the step that failed, 0 = the program runs; the step is named by `failed_call`.
  int error;
  const char *failed_call;
};

// Starts a process; returns 0, or -1 with `result->error` and `result->failed_call` set.
int clinux_spawn(const struct clinux_spawn_request *request, struct clinux_spawn_result *result);

// Changes the effective user of the calling thread alone.
int clinux_set_thread_user(uid_t user);

// Bytes of memory that hold what the peer has not read yet; 0 = it has read all.
int clinux_unread_output(int socket);

int clinux_pidfd_open(pid_t pid);
int clinux_pidfd_send_signal(int pidfd, int signal, unsigned int flags);

// Reaps a child by its pidfd without waiting: 1 = ended (code and status as in siginfo_t),
// 0 = still running, -1 = errno.
int clinux_pidfd_reap(int pidfd, int *code, int *status);

// accept4 and pipe2 with the flags that every descriptor here has.
int clinux_accept(int listener);
int clinux_pipe(int ends[2]);

int clinux_ignore_signal(int signal);

int clinux_peer_credentials(int socket, int32_t *pid, uint32_t *uid, uint32_t *gid);

// Landlock: the version that the kernel speaks, or -1; a ruleset's descriptor, or -1.
int clinux_landlock_abi(void);
int clinux_landlock_create(uint64_t handled_access_fs, uint64_t scoped);
int clinux_landlock_allow(int ruleset, int path, uint64_t access);
int clinux_landlock_restrict_self(int ruleset);

// A descriptor that only names the path (O_PATH), whatever is there.
int clinux_open_location(const char *path);

// timeout_ns < 0 waits without end.
int clinux_epoll_wait(int epoll, struct epoll_event *events, int capacity, int64_t timeout_ns);

// Names the calling thread; the kernel keeps 15 bytes.
void clinux_name_thread(const char *name);
