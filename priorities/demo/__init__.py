"""The demo: two vendors with two years of plausible history and an empty third, the same every time.

Everything comes from a seeded generator per account, and every date is counted back from today, so that the demo
never grows old. Nothing here is used by the product itself; see ``build.build_demo``.
"""
