import LinuxSystem
import Testing

@testable import MortiseCLI

@Suite("help follows from the table")
struct HelpTests {
  @Test("the reference pages are what help --reference prints", arguments: ReferencePage.allCases)
  func documentation(page: ReferencePage) throws {
    let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
    let written = try FileSystem.read(root + "/docs/\(page.rawValue).md")
    #expect(
      String(decoding: written, as: UTF8.self) == page.text,
      "run: mortise help --reference \(page.rawValue) > docs/\(page.rawValue).md")
  }

  @Test("no page is wider than 80 columns, and no option is torn apart in its first lines")
  func width() {
    let pages = [CommandTable.helpText(nil)] + CommandTable.commands.map(CommandTable.helpText)
    for line in pages.joined(separator: "\n").split(separator: "\n") {
      #expect(DisplayText.width(String(line)) <= 80, "\(line)")
    }
    for command in CommandTable.commands {
      for line in HelpText.synopsis(command) {
        #expect(line.count { $0 == "[" } == line.count { $0 == "]" }, "\(line)")
      }
    }
  }

  @Test("what the reference shows to be typed or copied fits 80 columns")
  func referenceWidth() {
    let parts = ReferencePage.cli.text.split(separator: "```", omittingEmptySubsequences: false)
    let blocks = parts.enumerated().filter { !$0.offset.isMultiple(of: 2) }.map(\.element)
    #expect(blocks.count == 2 * CommandTable.commands.count)
    for line in blocks.joined(separator: "\n").split(separator: "\n") {
      #expect(DisplayText.width(String(line)) <= 80, "\(line)")
    }
  }

  @Test("every command has an example, and every example can be parsed")
  func examples() throws {
    for command in CommandTable.commands {
      #expect(!command.examples.isEmpty)
      for example in command.examples {
        // What another program pipes in comes before the bar, where the output goes after ">".
        let line = example.line.split(separator: "|").last?.split(separator: ">").first ?? ""
        let words = line.split(separator: " ").map(String.init)
        #expect(words.first == "mortise")
        guard case .run(let parsed, _) = try CommandTable.parser.parse(Array(words.dropFirst()))
        else {
          Issue.record("\(example.line) asks for help")
          continue
        }
        #expect(parsed.name == command.name)
      }
    }
  }

  @Test("help is asked for by command, by option, and by nothing at all")
  func asked() {
    for arguments in [[], ["help"], ["--help"], ["-h"]] {
      let output = MemorySink()
      #expect(Program.run(arguments, .testing(output: output)) == .ok)
      #expect(output.text == CommandTable.helpText(nil) + "\n")
    }
    for arguments in [["help", "apply"], ["apply", "--help"], ["apply", "-f", "x", "-h"]] {
      let output = MemorySink()
      #expect(Program.run(arguments, .testing(output: output)) == .ok)
      #expect(output.text == CommandTable.helpText(CommandTable.apply) + "\n")
    }
  }

  @Test("scripts branch on the exit codes: none changes its number")
  func stableCodes() {
    let expected: [ExitCode: Int32] = [
      .ok: 0, .failed: 1, .usage: 2, .unreachable: 3, .notFound: 4, .refused: 5, .timedOut: 6,
      .degraded: 7, .paused: 8, .interrupted: 130,
    ]
    #expect(expected.count == ExitCode.allCases.count)
    for (code, number) in expected { #expect(code.rawValue == number) }
  }

  @Test("every page lists the exit codes")
  func exitCodes() {
    for command in CommandTable.commands {
      let page = CommandTable.helpText(command)
      for code in ExitCode.allCases { #expect(page.contains("\n  \(code.rawValue)  ")) }
    }
  }

  @Test("no command has two options of one name or letter, and none takes a global one's")
  func collisions() {
    for command in CommandTable.commands {
      let options = command.options + HelpText.all(CommandTable.globalOptions)
      #expect(Set(options.map(\.name)).count == options.count)
      let letters = options.compactMap(\.short)
      #expect(Set(letters).count == letters.count)
    }
  }
}
