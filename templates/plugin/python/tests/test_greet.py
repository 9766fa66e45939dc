import json
import os
import tempfile
import unittest

from @module@.greet import BadParams, Greeting


class GreetTests(unittest.IsolatedAsyncioTestCase):
    async def test_a_greeting_is_written(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "greeting")
            reply = await Greeting(json.dumps({"file": path, "name": "World"})).carry_out(None)
            self.assertEqual(json.loads(reply.complete.outputs), {"greeting": "Hello, World!"})
            with open(path, encoding="utf-8") as file:
                self.assertEqual(file.read(), "Hello, World!")

    async def test_a_file_that_can_not_be_written_may_be_later(self):
        reply = await Greeting('{"file": "/nonexistent/a", "name": "World"}').carry_out(None)
        self.assertTrue(reply.failed.transient)

    def test_params_are_checked(self):
        for bad in ("{}", "7", "{", '{"file": "/a", "name": 7}', '{"file": "/a", "name": "a", "seconds": -1}'):
            with self.assertRaises(BadParams):
                Greeting(bad)
