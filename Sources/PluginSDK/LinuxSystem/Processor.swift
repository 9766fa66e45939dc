internal import Glibc

/// The processor that the calling thread is on.
public enum Processor {
  /// Gives it to whoever else wants it; returns at once where nobody does.
  public static func yield() { sched_yield() }
}
