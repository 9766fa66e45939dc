internal import LinuxSystem

/// A plugin to begin with.
extension CommandTable {
  private static let sourceOption = Option(
    "from", .text("CHECKOUT"),
    "A checkout of Mortise, which the plugin is built with; found beside this program where not given"
  )
  private static let urlOption = Option(
    "url", .text("URL"), "Swift: depend on Mortise by this URL, instead of on the checkout's path")
  private static let intoOption = Option(
    "into", .text("FOLDER"), "Where the plugin's folder is made; here where not given")

  static let pluginNew = Command(
    name: "plugin new",
    summary: "make a plugin that builds, runs, and passes its test and the conformance kit",
    details: [
      "The folder NAME has the sources of one task type, its unit test, a Makefile, plugin.yaml, "
        + "conformance.yaml and a README. make builds build/NAME, which is installed as it is."
    ],
    positionals: [
      Positional("LANGUAGE", .required, "swift, go or python"),
      Positional("NAME", .required, "The plugin's name: lower-case letters, digits and dashes"),
    ],
    options: [sourceOption, urlOption, intoOption],
    examples: [
      Command.Example("mortise plugin new swift greeter", "Then: cd greeter && make test")
    ],
    action: .blocking { invocation throws(CommandFailure) in
      let arguments = invocation.arguments
      let scaffold = try Scaffold(
        language: arguments.positional(0) ?? "", name: arguments.positional(1) ?? "",
        url: arguments.value(urlOption),
        checkout: arguments.value(sourceOption).map(invocation.surroundings.absolute),
        surroundings: invocation.surroundings)
      let parent = invocation.surroundings.absolute(arguments.value(intoOption) ?? ".")
      let folder = try scaffold.write(into: parent)
      try invocation.console.print(
        "\(folder) is there. Next:\n  cd \(folder)\n  make test\n  make conformance")
      return .ok
    })
}
