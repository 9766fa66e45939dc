import Glibc
import MortiseCLI

exit(Program.run(Array(CommandLine.arguments.dropFirst())))
