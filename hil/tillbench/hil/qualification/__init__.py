"""The reader qualification suite: `pytest --pyargs tillbench.hil.qualification --till-reader NAME`.

Each case has an id that stays, a requirement, what it needs, and when it passes. A reader that does not offer what a
case needs gets that as its verdict: it is neither a pass nor a failure.
"""
