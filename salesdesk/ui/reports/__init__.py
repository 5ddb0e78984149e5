"""The page of the reports: stage moves, time in stage, the funnel, and what is behind them."""
