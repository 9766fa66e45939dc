import Glibc
import LinuxSystem

/// The same number of the simplest resources, by `terraform apply`; nil where it isn't installed.
struct Terraform {
  let directory: String
  private static let resources = 200

  private var program: String? {
    ["/usr/local/bin/terraform", "/usr/bin/terraform"].first { access($0, X_OK) == 0 }
  }

  func createsPerSecond() throws -> Double? {
    guard let program else { return nil }
    try FileSystem.makeDirectories(directory)
    let resource = """
      resource "terraform_data" "item" {
        count = \(Self.resources)
        input = 1
      }

      """
    try AtomicFile.write(resource.utf8, to: "\(directory)/main.tf")
    try run(program, ["init"])
    let start = MonotonicTime.now()
    try run(program, ["apply", "-auto-approve"])
    let elapsed = MonotonicTime.now().duration(since: start)
    return Double(Self.resources) / (Double(elapsed.wholeNanoseconds) / 1e9)
  }

  private func run(_ program: String, _ arguments: [String]) throws {
    let log = try Descriptor.open("\(directory)/log", O_WRONLY | O_CREAT | O_APPEND)
    let process = try Program(
      program, ["-chdir=\(directory)"] + arguments,
      environment: ["HOME": directory, "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"],
      log: log)
    try process.end()
  }
}
