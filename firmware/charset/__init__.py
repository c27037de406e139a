"""Characters: how wide they are, and their GB 18030 codes. Pure: text and bytes in, text and bytes out."""
