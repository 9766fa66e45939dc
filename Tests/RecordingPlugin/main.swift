import LinuxSystem
import PluginProto
import TTRPC

// The bare protocol, without the SDK: what is recorded is what the host really sent.
let loop = try EventLoop(name: "recording-plugin")
let server = Server(loop: loop, router: RecordingPlugin().router)
server.serve(listener: try RecordingPlugin.inherited("MORTISE_LISTEN_FD"))
let liveness = try RecordingPlugin.inherited("MORTISE_LIVENESS_FD")
RecordingPlugin.exitWhenClosed(liveness, loop)
loop.run()
