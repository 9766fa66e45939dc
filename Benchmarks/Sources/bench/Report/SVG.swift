import Glibc

/// Draws a picture as SVG text: axes, a line for each curve, its name at its end.
extension Picture {
  private static let (width, height, margin) = (720.0, 380.0, 64.0)
  private static let colours = ["#0b6e4f", "#c8553d", "#28587b", "#8f6bb3", "#b08900", "#555555"]
  private static let right = 150.0

  var svg: String {
    let all = curves.flatMap(\.points)
    guard let xMax = all.map(\.x).max(), let xMin = all.map(\.x).min(),
      let yMax = all.map(\.y).max(), yMax > 0
    else { return "" }
    let yFloor = isLogarithmic ? (all.map(\.y).filter { $0 > 0 }.min() ?? 1) / 2 : 0
    func place(_ point: (x: Double, y: Double)) -> (Double, Double) {
      let x = xMax > xMin ? log2(point.x / xMin) / log2(xMax / xMin) : 0
      let y =
        isLogarithmic
        ? log2(max(point.y, yFloor) / yFloor) / log2(yMax / yFloor) : point.y / yMax
      return (
        Self.margin + x * (Self.width - Self.margin - Self.right),
        Self.height - Self.margin - y * (Self.height - 2 * Self.margin)
      )
    }
    var body = Self.text(title, Self.margin, 26, size: 15, isBold: true)
    body += Self.text(xTitle, Self.margin, Self.height - 18)
    body += Self.text(yTitle, Self.margin, 46)
    for x in Set(all.map(\.x)).sorted() {
      let at = place((x, yFloor))
      body += Self.text(x.figure, at.0 - 8, at.1 + 18)
    }
    for y in isLogarithmic ? [yFloor * 2, yMax] : [0, yMax / 2, yMax] {
      let at = place((xMin, y))
      body += Self.text(y.figure, 8, at.1 + 4)
      body +=
        "<line x1=\"\(at.0)\" y1=\"\(at.1)\" x2=\"\(Self.width - Self.right)\" y2=\"\(at.1)\" "
        + "stroke=\"#ddd\"/>\n"
    }
    for (index, curve) in curves.enumerated() where !curve.points.isEmpty {
      let colour = Self.colours[index % Self.colours.count]
      let places = curve.points.map(place)
      let path = places.map { "\($0.0.rounded3),\($0.1.rounded3)" }.joined(separator: " ")
      body +=
        "<polyline points=\"\(path)\" fill=\"none\" stroke=\"\(colour)\" stroke-width=\"2\"/>\n"
      for at in places {
        body +=
          "<circle cx=\"\(at.0.rounded3)\" cy=\"\(at.1.rounded3)\" r=\"3\" fill=\"\(colour)\"/>\n"
      }
      if let last = places.last {
        body += Self.text(curve.name, last.0 + 8, last.1 + 4, colour: colour)
      }
    }
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(Self.width)) \(Int(Self.height))" \
      font-family="sans-serif" font-size="12">
      <rect width="100%" height="100%" fill="white"/>
      \(body)</svg>

      """
  }

  private static func text(
    _ text: String, _ x: Double, _ y: Double, size: Int = 12, isBold: Bool = false,
    colour: String = "#222"
  ) -> String {
    let weight = isBold ? " font-weight=\"bold\"" : ""
    return "<text x=\"\(x.rounded3)\" y=\"\(y.rounded3)\" font-size=\"\(size)\" fill=\"\(colour)\""
      + "\(weight)>\(text)</text>\n"
  }
}
