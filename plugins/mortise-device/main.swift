import Devices
import Glibc

exit(DeviceCommand.main(Array(CommandLine.arguments.dropFirst())))
