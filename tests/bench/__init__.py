"""How fast Purser is, as ratios within one run: `make bench`.

Each figure is ours against a reference measured right beside it, in turns, so that a slow or shared machine slows both.
"""
