"""The generated CPython codecs of the dialects, made by `make generate`."""
