import Testing

@testable import Model

@Suite("Digests and ids agree with their standards")
struct DigestTests {
  @Test("a version 5 id is the one of RFC 9562's example")
  func version5() {
    let dns = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
    #expect(
      Digest.uuid5(space: dns, name: "www.example.com")
        == "2ed6657d-e927-568b-95e1-2665a8aea6a2")
    #expect(
      Digest.uuid5(space: dns, name: "www.example.org") != "2ed6657d-e927-568b-95e1-2665a8aea6a2")
  }

  @Test("a version 4 id is the one of RFC 9562's example")
  func version4() {
    let random: [UInt8] = [
      0x91, 0x91, 0x08, 0xF7, 0x52, 0xD1, 0x33, 0x20, 0x5B, 0xAC, 0xF8, 0x47, 0xDB, 0x41, 0x48,
      0xA8,
    ]
    #expect(Digest.uuid4(random: random) == "919108f7-52d1-4320-9bac-f847db4148a8")
  }

  @Test("SHA-256 is the same however the bytes are chunked")
  func sha256() {
    var chunks: [[UInt8]] = [Array("a".utf8), [], Array("bc".utf8)]
    let digest = Digest.sha256 { chunks.isEmpty ? nil : chunks.removeFirst() }
    #expect(digest == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(
      Digest.sha256 { nil }
        == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  }
}
