# asyncio is frozen, as in the standard variant.
