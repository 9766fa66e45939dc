import LinuxSystem

/// Where the build puts this package's programs: beside the tests' own.
public enum BuiltProducts {
  /// The directory's absolute path.
  public static let directory: String = {
    do throws(SystemError) {
      return FileSystem.parent(of: try FileSystem.target(ofLink: "/proc/self/exe"))
    } catch {
      preconditionFailure("\(error)")
    }
  }()

  /// The path of a program.
  public static func path(_ program: String) -> String { "\(directory)/\(program)" }
}
