"""设置 › 门户: who is given what, and how it looks."""
