internal import CLinux

/// What a thread is called in `top -H`, in a debugger and in /proc.
public enum ThreadName {
  /// The kernel keeps no more.
  public static let maximumBytes = 15

  /// Names the calling thread.
  public static func set(_ name: String) {
    clinux_name_thread(name)
  }
}
