import Glibc
import LinuxSystem
import PluginSDK
import SwitchboardDefects
import TTRPC

/// A plugin that obeys every rule, but for the one that MORTISE_DEFECT names.
let defect = getenv(Defect.variable).flatMap { Defect(rawValue: String(cString: $0)) }

let plugin = Plugin(
  name: "switchboard", version: "1.0.0",
  tasks: [
    Note(defect: defect), Undo(defect: defect), Slow(), Plan(), Bare(), Chatty(defect: defect),
  ],
  driver: SwitchboardDriver(defect))

if defect == .logsBrokenJSON {
  PluginLog.writeToStandardError(Array("{\"level\": \"info\", \"msg\": \n".utf8))
}
if defect == .leavesChildren {
  _ = try spawn(ProcessSpec(.path("/bin/sleep"), arguments: ["sleep", "300"]))
}
try plugin.run { served, launch in
  let board = Switchboard(defect, served, on: launch.listener)
  try board.begin()
  var ends: Set<PluginEnd> = [.signal, .hostGone]
  if defect == .ignoresSignals { ends.remove(.signal) }
  if defect == .outlivesItsHost { ends.remove(.hostGone) }
  return ends
}
if defect == .staysAfterShutdown { while true { pause() } }
if defect == .exitsWithAFailure { exit(1) }
