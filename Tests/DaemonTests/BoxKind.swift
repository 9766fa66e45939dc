/// A kind of boxes that nothing is ever planned for: what admission lets in.
enum BoxKind {
  static let blueprint = """
    apiVersion: mortise.dev/v1
    kind: Blueprint
    metadata: {name: boxes}
    spec:
      kind: Box
      target: local
      schema:
        type: object
        properties:
          size: {type: integer, minimum: 1}
          colour: {type: string, default: grey}
        required: [size]
      plans: []

    """
}
