"""A driver without one of its handlings: the function that does it gives a constant instead."""

_before = []


def stub(module, path, value, awaited=False):
    """Replace `module`'s function or method at `path`; `awaited`: it is one that is awaited."""
    holder = __import__(module)
    for part in module.split(".")[1:]:
        holder = getattr(holder, part)
    *owners, name = path.split(".")
    for owner in owners:
        holder = getattr(holder, owner)
    _before.append((holder, name, getattr(holder, name)))

    async def later(*_):
        return value

    setattr(holder, name, later if awaited else lambda *_: value)


def restore():
    """Undo it."""
    while _before:
        holder, name, value = _before.pop()
        setattr(holder, name, value)
