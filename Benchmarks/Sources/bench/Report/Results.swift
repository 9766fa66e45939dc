import JSON

/// One figure, measured once in each round.
struct Series {
  var values: [Double] = []

  var isEmpty: Bool { values.isEmpty }
  var minimum: Double { values.min() ?? .nan }
  var maximum: Double { values.max() ?? .nan }

  var median: Double {
    if values.isEmpty { return .nan }
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }
}

/// What is wanted of a figure.
enum Target {
  case atMost(Double)
  case atLeast(Double)

  func isMet(by value: Double) -> Bool {
    switch self {
    case .atMost(let limit): value <= limit
    case .atLeast(let limit): value >= limit
    }
  }
}

/// A line of a table: a figure of one contestant.
struct Line {
  var name: String
  var series: Series
  /// The median over that of the table's reference, where there is one.
  var ratio: Double?
  var target: Target?
  /// Whether the target is for the ratio rather than for the figure.
  var isTargetRatio = false

  var isMet: Bool? {
    target.map { $0.isMet(by: isTargetRatio ? ratio ?? .nan : series.median) }
  }
}

/// Figures of one kind, side by side.
struct Table {
  var id: String
  var title: String
  var unit: String
  var lines: [Line] = []

  mutating func add(_ name: String, _ series: Series, over reference: Series? = nil) {
    if series.isEmpty { return }
    lines.append(
      Line(name: name, series: series, ratio: reference.map { series.median / $0.median }))
  }

  mutating func want(_ target: Target, of name: String, asRatio: Bool = false) {
    guard let index = lines.firstIndex(where: { $0.name == name }) else { return }
    lines[index].target = target
    lines[index].isTargetRatio = asRatio
  }
}

/// Points of a figure over another, drawn as a line.
struct Curve {
  var name: String
  var points: [(x: Double, y: Double)]
}

/// Curves in one picture.
struct Picture {
  var id: String
  var title: String
  var xTitle: String
  var yTitle: String
  var isLogarithmic = false
  var curves: [Curve]
}

/// All that a run measured.
struct Results {
  var tables: [Table] = []
  var pictures: [Picture] = []
  /// What was not measured, and why.
  var omissions: [String] = []
}

extension Results {
  var json: JSONValue {
    [
      "machine": Machine.json,
      "tables": .array(tables.map(\.json)),
      "curves": .array(pictures.map(\.json)),
      "omitted": .array(omissions.map { .string($0) }),
    ]
  }
}

extension Table {
  fileprivate var json: JSONValue {
    [
      "id": .string(id), "title": .string(title), "unit": .string(unit),
      "lines": .array(lines.map(\.json)),
    ]
  }
}

extension Line {
  fileprivate var json: JSONValue {
    var line = JSONObject([
      ("name", .string(name)), ("median", .number(series.median.rounded3)),
      ("min", .number(series.minimum.rounded3)), ("max", .number(series.maximum.rounded3)),
      ("rounds", .array(series.values.map { .number($0.rounded3) })),
    ])
    line["ratio"] = ratio.map { .number($0.rounded3) }
    line["met"] = isMet.map { .bool($0) }
    return .object(line)
  }
}

extension Picture {
  fileprivate var json: JSONValue {
    [
      "id": .string(id), "x": .string(xTitle), "y": .string(yTitle),
      "curves": .array(
        curves.map { curve in
          [
            "name": .string(curve.name),
            "points": .array(
              curve.points.map { .array([.number($0.x.rounded3), .number($0.y.rounded3)]) }),
          ]
        }),
    ]
  }
}

extension Double {
  var rounded3: Double { (self * 1000).rounded() / 1000 }
}
