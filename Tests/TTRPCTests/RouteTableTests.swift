import PluginProto
import Testing

@testable import TTRPC

@Suite("the route table")
struct RouteTableTests {
  private static let names = [
    ("a", "b"), ("a", "bc"), ("ab", "c"), ("", "b"), ("a", ""),
    ("mortise.plugin.v1.Tasks", "Execute"),
    ("mortise.plugin.v1.Tasks", "Recover"), ("mortise.plugin.v1.Plugin", "Execute"),
  ]

  private func find(_ table: RouteTable, _ service: String, _ method: String) -> Route? {
    Array(service.utf8).withUnsafeBytes { service in
      Array(method.utf8).withUnsafeBytes { method in table.find(service, method) }
    }
  }

  private func route(_ name: (String, String)) -> Route {
    Route(service: name.0, method: name.1, handler: .unary { _ in { _ in Echo.Message() } })
  }

  @Test("a name finds its own route, in whatever order they came")
  func finds() {
    for rotation in Self.names.indices {
      var table = RouteTable()
      let names = Array(Self.names[rotation...] + Self.names[..<rotation])
      for name in names {
        let isNew = table.insert(route(name))
        #expect(isNew)
      }
      for name in names {
        let found = find(table, name.0, name.1)
        #expect(found?.service == name.0)
        #expect(found?.method == name.1)
      }
      for name in [("ab", ""), ("", ""), ("abc", ""), ("b", "a"), ("mortise.plugin.v1.Tasks", "")] {
        #expect(find(table, name.0, name.1) == nil)
      }
    }
  }

  @Test("a name has one route")
  func once() {
    var table = RouteTable()
    let isFirstNew = table.insert(route(("a", "b")))
    let isSecondNew = table.insert(route(("a", "b")))
    #expect(isFirstNew)
    #expect(!isSecondNew)
  }
}
