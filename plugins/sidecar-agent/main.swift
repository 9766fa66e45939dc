import Glibc
import SidecarAgent

do throws(AgentError) {
  try Agent.run(environment: { getenv($0).map { String(cString: $0) } })
} catch {
  let line = "sidecar-agent: \(error)\n"
  write(STDERR_FILENO, line, line.utf8.count)
  exit(1)
}
