-- Rows that are there already get a stock, and only then the column becomes mandatory.
ALTER TABLE products ADD stock integer CHECK (stock >= 0);
UPDATE products SET stock = 0;
ALTER TABLE products ALTER stock SET NOT NULL;

-- The semicolons of a function's body end nothing.
CREATE FUNCTION take_from_stock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE products SET stock = stock - NEW.quantity WHERE id = NEW.product;
  RETURN NEW;
END $$;
CREATE TRIGGER order_takes_from_stock AFTER INSERT ON orders
  FOR EACH ROW EXECUTE FUNCTION take_from_stock();
