import JSON
import Testing

@testable import LocalDriver

@Suite("Addresses")
struct AddressPoolTests {
  @Test("a key keeps its address; another key gets another")
  func stable() {
    var pool = AddressPool(network: 77, origin: 0)
    #expect(pool.assign("a") == "127.77.0.1")
    #expect(pool.assign("b") == "127.77.0.2")
    #expect(pool.assign("a") == "127.77.0.1")
    pool.release("a")
    #expect(pool.address(of: "a") == nil)
    #expect(pool.assign("c") == "127.77.0.1")
  }

  @Test("the search wraps around and neither .0 nor .255 is ever given")
  func wraps() {
    var pool = AddressPool(network: 77, origin: AddressPool.capacity - 1)
    #expect(pool.assign("a") == "127.77.255.254")
    #expect(pool.assign("b") == "127.77.0.1")
    var other = AddressPool(network: 76, origin: 253)
    #expect(other.assign("a") == "127.76.0.254")
    #expect(other.assign("b") == "127.76.1.1")
  }

  @Test("a pool is read back as it was written; two keys of one address are refused")
  func document() {
    var pool = AddressPool(network: 77, origin: 9)
    _ = pool.assign("a")
    _ = pool.assign("b")
    #expect(AddressPool(pool.document) == pool)
    #expect(AddressPool(["network": 77, "origin": 0, "assigned": ["a": 1, "b": 1]]) == nil)
    #expect(AddressPool(["network": 77, "origin": -1, "assigned": [:]]) == nil)
  }
}
