CREATE TABLE orders (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  product bigint NOT NULL REFERENCES products,
  quantity integer NOT NULL CHECK (quantity > 0),
  ordered_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX orders_product ON orders (product);
