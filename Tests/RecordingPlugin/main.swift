import LinuxSystem
import PluginProto
import TTRPC

// The bare protocol, without the SDK: what is recorded is what the host really sent.
let loop = try EventLoop(name: "recording-plugin")
let server = Server(loop: loop, router: RecordingPlugin().router)
if let path = RecordingPlugin.option("--socket") {
  server.serve(listener: try UnixSocket.listen(path))
} else {
  server.serve(listener: try RecordingPlugin.inherited("MORTISE_LISTEN_FD"))
  RecordingPlugin.exitWhenClosed(try RecordingPlugin.inherited("MORTISE_LIVENESS_FD"), loop)
}
loop.run()
