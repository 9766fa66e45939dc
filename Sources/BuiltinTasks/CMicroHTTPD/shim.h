#pragma once
#include <microhttpd.h>

/* MHD_start_daemon is variadic, which Swift does not import: this names the options that are
   used, with their types. The listening socket is handed over on success only. */
static inline struct MHD_Daemon *mortise_http_start(
    unsigned int flags, MHD_socket listener, MHD_AccessHandlerCallback handler,
    MHD_RequestCompletedCallback completed, void *context, unsigned int connection_limit,
    size_t connection_memory, unsigned int idle_timeout_seconds, size_t stack_size) {
  return MHD_start_daemon(
      flags, 0, NULL, NULL, handler, context, MHD_OPTION_LISTEN_SOCKET, listener,
      MHD_OPTION_NOTIFY_COMPLETED, completed, context, MHD_OPTION_CONNECTION_LIMIT,
      connection_limit, MHD_OPTION_CONNECTION_MEMORY_LIMIT, connection_memory,
      MHD_OPTION_CONNECTION_TIMEOUT, idle_timeout_seconds, MHD_OPTION_THREAD_STACK_SIZE,
      stack_size, MHD_OPTION_END);
}
