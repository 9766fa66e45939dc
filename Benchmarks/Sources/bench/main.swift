import Glibc
import LinuxSystem

// Measures the RPC path and the engine beside their peers; see docs/performance.md.
//
//   bench --programs DIRECTORY --package DIRECTORY [--quick] [--only PART]
do {
  let options = try BenchOptions(CommandLine.arguments)
  try Bench(options).run()
} catch {
  complain("bench: \(error)")
  exit(1)
}
