"""ROMFS images against mpremote's writer, which MicroPython's authors use."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from mpremote.romfs import VfsRomWriter  # type: ignore[import-untyped]  # it has no types
from tillbench.host.emulator import romfs

names = st.text("abcdefghijklmnopqrstuvwxyz_.0123456789", min_size=1, max_size=200)
trees: st.SearchStrategy[romfs.Tree] = st.recursive(
    st.dictionaries(names, st.binary(max_size=400), max_size=4),
    lambda below: st.dictionaries(names, st.one_of(st.binary(max_size=40), below), max_size=4),
    max_leaves=12,
)


def write(writer: VfsRomWriter, tree: romfs.Tree) -> None:
    for name in sorted(tree):
        content = tree[name]
        if isinstance(content, bytes):
            writer.mkfile(name, content)
        else:
            writer.opendir(name)
            write(writer, content)
            writer.closedir()


@given(trees)
def test_same_bytes_as_mpremote(tree: romfs.Tree) -> None:
    writer = VfsRomWriter()
    write(writer, tree)
    assert romfs.build(tree) == writer.finalise()


def test_a_file_larger_than_one_length_byte() -> None:
    writer = VfsRomWriter()
    writer.mkfile("x", b"z" * 20_000)
    assert romfs.build({"x": b"z" * 20_000}) == writer.finalise()
