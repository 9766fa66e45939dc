"""The protocol's messages, from the descriptors that the build packs beside this file.

A pool of its own instead of generated modules: the protocol has a google/rpc folder, which as a
Python package would hide google.protobuf.
"""

import pkgutil

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_pool = descriptor_pool.DescriptorPool()
for _file in descriptor_pb2.FileDescriptorSet.FromString(
        pkgutil.get_data(__package__, "protocol.binpb")).file:
    _pool.AddSerializedFile(_file.SerializeToString())
_factory = message_factory.MessageFactory(_pool)


def message(name):
    """The class of a message by its full name: mortise.plugin.v1.TaskReply."""
    return _factory.GetPrototype(_pool.FindMessageTypeByName(name))


def value(name):
    """The number of an enum's value: mortise.plugin.v1.ACTS_EXTERNALLY."""
    package, _, short = name.rpartition(".")
    for file in ("types", "tasks", "plugin", "drivers"):
        path = f"{package.replace('.', '/')}/{file}.proto"
        for enum in _pool.FindFileByName(path).enum_types_by_name.values():
            if short in enum.values_by_name:
                return enum.values_by_name[short].number
    raise KeyError(name)


def methods(service):
    """The methods of a service: name to the class of its request."""
    return {method.name: _factory.GetPrototype(method.input_type)
            for method in _pool.FindServiceByName(service).methods}


class PluginV1:
    """Classes of mortise.plugin.v1 as attributes."""

    def __getattr__(self, name):
        found = message(f"mortise.plugin.v1.{name}")
        setattr(self, name, found)
        return found


v1 = PluginV1()
